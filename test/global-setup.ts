/** Builds the package once, so that end-to-end tests run what is shipped. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export default function setup(): void {
  const script = join(import.meta.dirname, '../scripts/build.ts');
  execFileSync(process.execPath, [script, '--types'], { stdio: 'inherit' });
}
