import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { OpeningData } from '../../test/opening-thread.ts';
import { headLines, lastLineWith, linesBeginning, readEnds, tailLines } from './ends.ts';
import { scanMembers, stringAt } from './json-scan.ts';
import { openLines } from './lines.ts';
import { openForeign } from './sqlite.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'segue-io-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let serial = 0;
function file(content: string | Buffer, suffix = '.jsonl'): string {
  const path = join(folder, `${++serial}${suffix}`);
  writeFileSync(path, content);
  return path;
}

function allLines(path: string): { text: string; offset: number; torn: boolean }[] {
  const opened = openLines(path);
  try {
    return Array.from(opened.lines(), (line) => ({
      text: line.buffer.toString('utf8', line.start, line.end),
      offset: line.offset,
      torn: line.torn,
    }));
  } finally {
    opened.close();
  }
}

describe('lines', () => {
  it('skips blanks, a byte order mark and carriage returns, and marks a torn last line', () => {
    expect(allLines(file('\uFEFF{"a":1}\r\n\n  {"b":2}  \n{"c":'))).toEqual([
      { text: '{"a":1}', offset: 3, torn: false },
      { text: '{"b":2}', offset: 15, torn: false },
      { text: '{"c":', offset: 25, torn: true },
    ]);
  });

  it('gives every line whatever its length, with offsets that slice() agrees with, plain and compressed', () => {
    const lines = ['x', 'y'.repeat(3_000_000), '', 'z'.repeat(1 << 20), 'é'.repeat(700_000), 'end'];
    const text = `${lines.join('\n')}\n`;
    for (const path of [file(text), file(zstdCompressSync(Buffer.from(text)), '.jsonl.zst')]) {
      const opened = openLines(path);
      const found = Array.from(opened.lines(), (line) => [line.offset, line.end - line.start]);
      expect(
        found.map(([offset = 0, length = 0]) => opened.slice(offset, offset + length).toString()),
      ).toEqual(lines.filter((line) => line !== ''));
      opened.close();
    }
  });

  it('does not see what is appended while it reads', () => {
    const path = file('one\n');
    const opened = openLines(path);
    appendFileSync(path, 'two\n');
    expect([...opened.lines()].length).toBe(1);
    opened.close();
  });

  it('of files that are read at the same time keep apart: what one gave stays until its own next step', () => {
    const contents = ['a', 'b', 'c'].map((letter) =>
      Array.from({ length: 40 }, (_, n) => `${letter}${n}:${letter.repeat((n * 37) % 300)}`),
    );
    const paths = contents.map((lines) => file(`${lines.join('\n')}\n`));
    const step = fc.record({
      what: fc.constantFrom('line', 'line', 'line', 'slice', 'begin', 'close'),
      which: fc.nat(2),
      place: fc.nat(39),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const open = paths.map((path) => reading(path));
        try {
          for (const { what, which, place } of steps) {
            const one = open[which] as ReturnType<typeof reading>;
            const lines = contents[which] as string[];
            if (what === 'line') one.line(lines);
            else if (what === 'slice') one.slice(lines, place);
            else if (what === 'begin') one.begin();
            else {
              one.close();
              open[which] = reading(paths[which] as string);
            }
            for (const each of open) each.check();
          }
        } finally {
          for (const one of open) one.close();
        }
      }),
    );
  });
});

/** A file that is read in small steps; `check` sees whether what it gave last is still there. */
function reading(path: string) {
  const opened = openLines(path, 128);
  let iteration = opened.lines();
  let n = 0;
  let line: { bytes: Buffer; expected: string } | undefined;
  let slice: typeof line;
  return {
    begin(): void {
      iteration.return();
      iteration = opened.lines();
      n = 0;
      line = undefined;
    },
    line(lines: readonly string[]): void {
      const { value } = iteration.next();
      const expected = lines[n++];
      expect(value === undefined).toBe(expected === undefined);
      line =
        value && expected !== undefined
          ? { bytes: value.buffer.subarray(value.start, value.end), expected }
          : undefined;
    },
    slice(lines: readonly string[], place: number): void {
      const start = Buffer.byteLength(lines.slice(0, place).join('\n')) + (place === 0 ? 0 : 1);
      const expected = lines[place] ?? '';
      slice = { bytes: opened.slice(start, start + expected.length), expected };
    },
    check(): void {
      for (const given of [line, slice]) if (given) expect(given.bytes.toString()).toBe(given.expected);
    },
    close(): void {
      iteration.return();
      opened.close();
    },
  };
}

describe('the ends of a file', () => {
  it('give whole lines only, forwards and backwards', () => {
    const lines = Array.from({ length: 200 }, (_, i) => `{"n":${i},"pad":"${'p'.repeat(i)}"}`);
    const ends = readEnds(file(`${lines.join('\n')}\n`), 1000, 1000);
    const head = [...headLines(ends)];
    const tail = [...tailLines(ends)];
    expect(head).toEqual(lines.slice(0, head.length));
    expect(tail).toEqual(lines.slice(-tail.length).reverse());
    expect(head.length).toBeGreaterThan(10);
    expect(tail.length).toBeGreaterThan(2);
    expect(lastLineWith(ends, '"n":199')).toBe(lines[199]);
    expect(lastLineWith(ends, '"n":100,')).toBeUndefined();
  });

  it('finds lines by their beginning, whole ones only', () => {
    const lines = ['t1', 'x t', `t2 ${'-'.repeat(90)}`, 'x', `t3 ${'-'.repeat(90)}`, 'tx', 't4', 't'];
    const path = file(lines.join('\n'));
    const beginning = (head: number, tail: number): string[] => [
      ...linesBeginning(readEnds(path, head, tail), Buffer.from('t')),
    ];
    expect(beginning(1000, 1000)).toEqual(lines.filter((line) => line.startsWith('t')));
    expect(beginning(40, 40)).toEqual(['t1', 'tx', 't4', 't']);
    expect([...linesBeginning(readEnds(path, 1000, 1000), Buffer.from('tx'))]).toEqual(['tx']);
    expect([...linesBeginning(readEnds(path, 1000, 1000), Buffer.from('t\nt'))]).toEqual([]);
  });

  it('of a short file are all of it', () => {
    const ends = readEnds(file('a\nb'), 10, 10);
    expect([...headLines(ends)]).toEqual(['a', 'b']);
    expect([...tailLines(ends)]).toEqual(['b', 'a']);
  });
});

describe('members of an object in raw bytes', () => {
  it('are those that JSON.parse sees', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc
            .string({ unit: 'binary-ascii' })
            .filter((key) => !/[\\"\u0000-\u001f]/.test(key) && key !== '__proto__'),
          fc.jsonValue(),
        ),
        fc.nat(3),
        (value, indent) => {
          const bytes = Buffer.from(JSON.stringify(value, null, indent));
          const seen: Record<string, unknown> = {};
          const wellFormed = scanMembers(bytes, 0, bytes.length, (key, start, end) => {
            seen[key] = JSON.parse(bytes.toString('utf8', start, end));
            if (typeof seen[key] === 'string') expect(stringAt(bytes, start, end)).toBe(seen[key]);
            return true;
          });
          expect(wellFormed).toBe(true);
          expect(seen).toEqual(JSON.parse(JSON.stringify(value)));
        },
      ),
    );
  });

  it('are never found inside strings or nested values, and damage is told', () => {
    const text = JSON.stringify({ a: '"uuid":"fake"', b: { uuid: 'inner' }, uuid: 'real' });
    const found: string[] = [];
    const scan = (json: string): boolean =>
      scanMembers(Buffer.from(json), 0, Buffer.byteLength(json), (key) => found.push(key) > 0);
    expect(scan(text)).toBe(true);
    expect(found).toEqual(['a', 'b', 'uuid']);
    for (const broken of ['', '[]', '{"a":', '{"a":1', '{"a":"x', '{"a" 1}', '{a:1}', '{"a":{"b":1}'])
      expect(scan(broken), broken).toBe(false);
  });
});

it('several segues may open a new database at the same time', async () => {
  const threads = 4;
  const paths = Array.from({ length: 20 }, (_, n) => join(folder, 'opened', `${n}.db`));
  const ready = new SharedArrayBuffer(4 * paths.length);
  const workerData: OpeningData = { paths, threads, ready };
  const done = Array.from({ length: threads }, async () => {
    const worker = new Worker(new URL('../../test/opening-thread.ts', import.meta.url), { workerData });
    const [code] = await once(worker, 'exit');
    return code;
  });
  expect(await Promise.all(done)).toEqual([0, 0, 0, 0]);
  for (const path of paths) {
    const database = openForeign(path);
    expect(database.get('SELECT count(*) AS n FROM seen')).toEqual({ n: threads });
    database.close();
  }
}, 30_000);

describe("other programs' databases", () => {
  function make(name: string): { path: string; writer: DatabaseSync } {
    const path = join(folder, name);
    const writer = new DatabaseSync(path);
    writer.exec(
      "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a); INSERT INTO t VALUES ('first')",
    );
    return { path, writer };
  }
  const rows = (path: string): unknown[] => {
    const database = openForeign(path);
    try {
      return database.all('SELECT a FROM t').map((row) => row.a);
    } finally {
      database.close();
    }
  };
  const sides = (path: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder)
        .filter((name) => join(folder, name).startsWith(path))
        .map((name) => [
          name,
          `${statSync(join(folder, name)).mtimeMs} ${readFileSync(join(folder, name)).toString('base64')}`,
        ]),
    );

  it('are read while they are written, with what only the log holds', () => {
    const { path, writer } = make('live.db');
    writer.exec("INSERT INTO t VALUES ('second')");
    expect(rows(path)).toEqual(['first', 'second']);
    writer.exec("INSERT INTO t VALUES ('third')");
    expect(rows(path)).toEqual(['first', 'second', 'third']);
    writer.close();
  });

  it('at rest gain no file and lose none', () => {
    const { path, writer } = make('rest.db');
    writer.close();
    const before = sides(path);
    expect(rows(path)).toEqual(['first']);
    expect(sides(path)).toEqual(before);
    expect(Object.keys(before)).toEqual(['rest.db']);
  });

  it('with a log that a crash left are read whole and stay as they are', () => {
    const { path, writer } = make('crash.db');
    writer.exec("INSERT INTO t VALUES ('in the log')");
    const left = join(folder, 'left.db');
    writeFileSync(left, readFileSync(path));
    writeFileSync(`${left}-wal`, readFileSync(`${path}-wal`));
    writer.close();
    const before = sides(left);
    expect(rows(left)).toEqual(['first', 'in the log']);
    expect(sides(left)).toEqual(before);
    expect(existsSync(`${left}-shm`)).toBe(false);
  });

  it('cannot be changed through a reader', () => {
    const { path, writer } = make('safe.db');
    writer.close();
    const database = openForeign(path);
    expect(() => database.all("INSERT INTO t VALUES ('x')")).toThrow(/readonly|read-only|attempt to write/);
    database.close();
  });
});
