/** What each real session is about: one turn for each scenario, driven by directives to the scripted model. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { EDIT_FROM, type Place, type Recipe, type Scenario } from './recipe.ts';

export const SCENARIOS: readonly Scenario[] = [
  'text',
  'tool',
  'fail',
  'edit',
  'reasoning',
  'image',
  'long',
  'odd',
];

/** Sessions that are made, and the scenarios that each proves. */
export const SESSIONS = {
  work: ['text', 'tool', 'fail', 'edit', 'reasoning'],
  image: ['image'],
  long: ['long'],
  odd: ['odd'],
  // several in one, so that a target has to be started less often
  real: ['image', 'text', 'tool', 'fail', 'edit', 'reasoning'],
  built: ['long', 'odd'],
} as const satisfies Record<string, readonly Scenario[]>;

export type SessionKey = keyof typeof SESSIONS;

/** `joint` proves all at once; when anything is wrong with it, the `parts` are run, each for itself. */
export interface Group {
  joint?: SessionKey;
  parts: SessionKey[];
}

/** How some scenarios are proven. */
export function groups(wanted: readonly Scenario[]): Group[] {
  const group = (joint: SessionKey, all: SessionKey[]): Group[] => {
    const parts = all.filter((key) => SESSIONS[key].some((scenario) => wanted.includes(scenario)));
    return parts.length === 0 ? [] : [parts.length === all.length ? { joint, parts } : { parts }];
  };
  return [...group('real', ['work', 'image']), ...group('built', ['long', 'odd'])];
}

/** One prompt. */
export interface Turn {
  scenario: Scenario;
  prompt: string;
  /** Path of a PNG to give with the prompt. */
  image?: string;
}

/** The turns of a real session; none when the agent cannot have it. */
export function turnsOf(key: 'work' | 'image' | 'real', recipe: Recipe, place: Place): Turn[] {
  const work = workTurns(recipe, place);
  if (key === 'work') return work;
  const image = imageTurns(recipe, place);
  if (image.length === 0 || key === 'image') return image;
  // three turns: fewer starts, and some agents send images of the last turns only
  const last = work.filter(({ scenario }) => scenario === 'reasoning');
  const others = work.filter((turn) => !last.includes(turn));
  return [...image, { scenario: 'text', prompt: others.map(({ prompt }) => prompt).join('\n') }, ...last];
}

function workTurns(recipe: Recipe, place: Place): Turn[] {
  return [
    {
      scenario: 'text',
      prompt: 'What does this todo-api service do? SAY: "It keeps todos in memory:\\n\\n- `add`\\n- `list`"',
    },
    { scenario: 'tool', prompt: 'List the files and show the manifest.\nRUN: ls src && cat package.json' },
    { scenario: 'fail', prompt: 'Check the configuration.\nRUN: cat config/missing.json; exit 3' },
    { scenario: 'edit', prompt: `Let the server listen on another port.\n${recipe.edit(place)}` },
    {
      scenario: 'reasoning',
      prompt: 'THINK about pagination, then count the lines.\nRUN: wc -l src/index.js',
    },
  ];
}

function imageTurns(recipe: Recipe, place: Place): Turn[] {
  const path = join(place.cwd, 'picture.png');
  if (recipe.image === undefined) return [];
  if (recipe.image === 'prompt')
    return [{ scenario: 'image', prompt: 'What is in this picture?', image: path }];
  return [{ scenario: 'image', prompt: `Look at the picture.\n${recipe.image(place, path)}` }];
}

/** Puts the project as it is at the start of a session. */
export function writeProject(cwd: string): void {
  mkdirSync(join(cwd, 'src'), { recursive: true });
  rmSync(join(cwd, 'config.json'), { force: true });
  const manifest = { name: 'todo-api', version: '1.0.0', type: 'module' };
  writeFileSync(join(cwd, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const code = `import { createServer } from 'node:http';\nconst server = createServer();\nserver.${EDIT_FROM};\n`;
  writeFileSync(join(cwd, 'src/index.js'), code);
  writeFileSync(join(cwd, 'picture.png'), png(24));
}

/** A PNG of `size` × `size` pixels. */
function png(size: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Array.from({ length: size }, (_row, y) => [
    0,
    ...Array.from({ length: size * 3 }, (_c, x) => (x * 7 + y * 11) % 256),
  ]);
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(body.length + 8);
    frame.writeUInt32BE(data.length, 0);
    frame.set(body, 4);
    frame.writeUInt32BE(crc32(body), body.length + 4);
    return frame;
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
