/** The physical limits that segue is compared with: each mode does nothing but the work named. Run as its own process. */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [mode = '', ...roots] = process.argv.slice(2);
const CHUNK = 1 << 20;
const HEAD = 32 << 10;

if (mode === 'headtail') for (const path of files(roots)) headTail(path);
else if (mode === 'stat') for (const path of files(roots)) statSync(path);
else if (mode === 'parse') for (const path of files(roots)) parseAll(path);
else if (mode !== 'empty') throw new Error(`unknown mode ${mode}`);

function* files(paths: readonly string[]): Generator<string> {
  for (const path of paths) {
    if (path.endsWith('.jsonl')) yield path;
    else
      yield* files(
        readdirSync(path)
          .filter((name) => !name.includes('.') || name.startsWith('.') || name.endsWith('.jsonl'))
          .map((name) => join(path, name))
          .filter((p) => !p.endsWith('.project_root')),
      );
  }
}

function headTail(path: string): void {
  const buffer = Buffer.allocUnsafe(HEAD);
  const fd = openSync(path, 'r');
  const { size } = fstatSync(fd);
  readSync(fd, buffer, 0, HEAD, 0);
  if (size > HEAD) readSync(fd, buffer, 0, HEAD, Math.max(size - HEAD, 0));
  closeSync(fd);
}

function parseAll(path: string): void {
  const fd = openSync(path, 'r');
  let buffer = Buffer.allocUnsafe(CHUNK);
  let filled = 0;
  for (;;) {
    const n = readSync(fd, buffer, filled, buffer.length - filled, null);
    if (n === 0) break;
    filled += n;
    let start = 0;
    for (;;) {
      const newline = buffer.indexOf(10, start);
      if (newline < 0 || newline >= filled) break;
      JSON.parse(buffer.toString('utf8', start, newline));
      start = newline + 1;
    }
    buffer.copyWithin(0, start, filled);
    filled -= start;
    if (filled === buffer.length) {
      const grown = Buffer.allocUnsafe(buffer.length * 2);
      buffer.copy(grown, 0, 0, filled);
      buffer = grown;
    }
  }
  closeSync(fd);
}
