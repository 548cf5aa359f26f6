/**
 * Renders what the built command really shows, in a pseudo-terminal and on the bundled sample sessions, to
 * docs/images/*.svg: `npm run build && node scripts/pictures.ts`.
 */
import { chmodSync, cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IBufferCell, Terminal } from '@xterm/headless';
import { openPty, type Pty } from '../test/pty.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'docs/images');
const DOWN = '\u001B[B';

interface Picture {
  name: string;
  /** What was typed, shown above. */
  words: string[];
  rows: number;
  /** Keys to press, each when the screen shows what is before it. */
  steps?: [RegExp, string][];
  /** The picture is taken when this is shown; without it at the end of the program. */
  until?: RegExp;
}

const pictures: Picture[] = [
  { name: 'picker', words: [], rows: 20, steps: [[/»/, DOWN]], until: /Changed files/ },
  {
    name: 'targets',
    words: [],
    rows: 20,
    steps: [
      [/»/, DOWN],
      [/Changed files/, '\t'],
    ],
    until: /Go on in/,
  },
  { name: 'transfer', words: ['convert', 'claude:1', '--to', 'codex', '--cwd', '.'], rows: 40 },
  { name: 'handoff', words: ['handoff', 'claude:1', '--preset', 'minimal'], rows: 60 },
];
const COLUMNS = 112;
const CELL = { width: 8.4, height: 18 };
const PADDING = 14;
const COLOURS = ['#16181d', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d7dae0'];
const PLAIN = '#d7dae0';

// always the same, because it is seen in the pictures
const scratch = join(realpathSync(tmpdir()), 'segue-pictures');
rmSync(scratch, { recursive: true, force: true });
try {
  const home = join(scratch, 'home');
  const bin = join(scratch, 'bin');
  cpSync(join(root, 'demo/home'), home, { recursive: true });
  mkdirSync(bin);
  mkdirSync(join(home, 'todo-api'));
  for (const name of ['claude', 'codex', 'gemini']) {
    writeFileSync(join(bin, name), '#!/bin/sh\nexit 0\n');
    chmodSync(join(bin, name), 0o755);
  }
  mkdirSync(folder, { recursive: true });
  for (const picture of pictures) {
    const { emulator, ended } = await play(picture, home, bin);
    const line = `$ segue ${picture.words.join(' ')}`.trimEnd();
    writeFileSync(join(folder, `${picture.name}.svg`), svg(emulator, line));
    await ended;
    emulator.dispose();
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function play({ words, rows, steps = [], until }: Picture, home: string, bin: string): Promise<Pty> {
  const pty = openPty([process.execPath, join(root, 'bin/cli.mjs'), ...words], {
    cwd: join(home, 'todo-api'),
    // long output is wanted whole
    env: { HOME: home, PATH: `${bin}:/usr/bin:/bin`, TERM: 'xterm-256color', PAGER: 'cat' },
    columns: COLUMNS,
    rows,
  });
  for (const [shown, keys] of steps) {
    await pty.until(shown);
    pty.keys(keys);
  }
  if (until === undefined) await pty.ended;
  else {
    await pty.until(until);
    pty.kill('SIGTERM');
  }
  return pty;
}

/** The rows up to the last one with text, below the line that was typed. */
function svg(terminal: Terminal, typed: string): string {
  const buffer = terminal.buffer.active;
  const rows = Array.from({ length: terminal.rows }, (_, y) => runs(terminal, y));
  while (
    rows.length > 1 &&
    buffer
      .getLine(rows.length - 1)
      ?.translateToString(true)
      .trim() === ''
  )
    rows.pop();
  const width = Math.ceil(COLUMNS * CELL.width) + 2 * PADDING;
  const height = (rows.length + 2) * CELL.height + 2 * PADDING;
  const lines = [[{ x: 0, text: typed, fill: '#98c379', bold: true, dim: false }], [], ...rows].flatMap(
    (row, y) =>
      row.map(({ x, text, fill, bold, dim }) => {
        const columns = [...text].length;
        const place = `x="${(PADDING + x * CELL.width).toFixed(1)}" y="${PADDING + (y + 0.75) * CELL.height}"`;
        // where every character takes one column the width is given, so that any font keeps the columns
        const fixed = /^[\u0020-\u024F\u2010-\u259F]*$/.test(text)
          ? ` textLength="${(columns * CELL.width).toFixed(1)}"`
          : '';
        const look = `fill="${fill}"${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
        return `<text ${place} ${look}${fixed} xml:space="preserve">${escaped(text)}</text>`;
      }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`,
    `<title>${escaped(typed)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="#16181d"/>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

interface Run {
  x: number;
  text: string;
  fill: string;
  bold: boolean;
  dim: boolean;
}

/** Text of a row in pieces of one look. */
function runs(terminal: Terminal, y: number): Run[] {
  const line = terminal.buffer.active.getLine(y);
  const found: Run[] = [];
  for (let x = 0; x < terminal.cols; x++) {
    const cell = line?.getCell(x);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const look = { fill: colour(cell), bold: cell.isBold() !== 0, dim: cell.isDim() !== 0 };
    const last = found.at(-1);
    const same = last?.fill === look.fill && last.bold === look.bold && last.dim === look.dim;
    if (last !== undefined && same) last.text += cell.getChars() || ' ';
    else found.push({ x, text: cell.getChars() || ' ', ...look });
  }
  return found.map((run) => ({ ...run, text: run.text.trimEnd() })).filter(({ text }) => text !== '');
}

function colour(cell: IBufferCell): string {
  return cell.isFgPalette() ? (COLOURS[cell.getFgColor() % 8] ?? PLAIN) : PLAIN;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
