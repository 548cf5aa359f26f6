/** Scratch homes for transfer tests, and what is in them. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agent, SessionRef } from '../src/agents/contract.ts';
import { dataDir, type Env } from '../src/io/paths.ts';
import { openForeign, openOwn } from '../src/io/sqlite.ts';
import type { Session } from '../src/model/session.ts';
import { TOY_SCHEMA } from './toy-agent.ts';

/** An empty home with a project folder in it. Segue's own data is beside the home, so that homes can be compared. */
export function scratchEnv(base?: string): Env {
  const root = base ?? realpathSync(mkdtempSync(join(tmpdir(), 'segue-test-')));
  const home = join(root, 'home');
  mkdirSync(join(home, 'project'), { recursive: true });
  return {
    home,
    vars: { SEGUE_DATA_DIR: join(root, 'data'), PATH: process.env.PATH },
    platform: process.platform,
  };
}

export function projectOf(env: Env): string {
  return join(env.home, 'project');
}

/** A toy's database at `path`, with one thread in it. */
export function makeToyDatabase(path: string): void {
  makeDatabase(path, `${TOY_SCHEMA} INSERT INTO threads VALUES ('old', '/old', 'Old', '/w')`);
}

/** A database at `path`, in the journal mode that SQLite has by default. */
export function makeDatabase(path: string, schema: string): void {
  const database = openOwn(path);
  database.exec(schema);
  database.exec('PRAGMA journal_mode = DELETE');
  database.close();
}

/** Everything below a folder: files as text, databases as rows, empty folders too. */
export function snapshot(folder: string): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  if (!existsSync(folder)) return all;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) all[`${name}/`] = 'folder';
    else if (/\.(?:db|sqlite)$/.test(name)) all[name] = rowsOf(path);
    else all[name] = readFileSync(path, 'latin1');
  }
  return all;
}

function rowsOf(path: string): unknown {
  const database = openForeign(path);
  try {
    const tables = database.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    return tables.map(({ name }) => [name, database.all(`SELECT * FROM "${String(name)}"`)]);
  } finally {
    database.close();
  }
}

/** Journals and staged files that are still there. */
export function leftovers(env: Env): string[] {
  const folder = join(dataDir(env), 'journal');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** An agent that holds exactly this session, beside its real self: a source for tests. */
export function holding(agent: Agent, session: Session): { source: Agent; ref: SessionRef } {
  const ref = { agent: agent.id, id: session.info.id, path: '/nowhere', bytes: 1, mtimeMs: 2 };
  return { source: { ...agent, read: () => session }, ref };
}
