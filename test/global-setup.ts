/** Builds the command once, so that end-to-end tests spawn what is shipped. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export default function setup(): void {
  const script = join(import.meta.dirname, '../scripts/build.ts');
  if (existsSync(script)) execFileSync(process.execPath, [script], { stdio: 'inherit' });
}
