/** Everything that a run puts into the temporary folder goes into one of its own, which is removed at the end. */
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SET = 'SEGUE_TESTS_FOLDER';

export default function setup(): (() => void) | undefined {
  // asked for by each project, made once
  if (process.env[SET] !== undefined) return undefined;
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'st-'));
  process.env[SET] = folder;
  // tests of missing permissions become another user when root runs them
  chmodSync(folder, 0o711);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  return () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}
