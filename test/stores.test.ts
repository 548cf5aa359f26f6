/** What must hold for every agent over its own fixtures: reading changes nothing, damage stays where it is. */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Agent } from '../src/agents/contract.ts';
import { loadAgents } from '../src/agents/registry.ts';
import { loadTokenCounter, makeHandoff, presets, redactText } from '../src/handoff/index.ts';
import { openFullIndex } from '../src/index/fullindex.ts';
import { listSessions } from '../src/index/list.ts';
import type { Env } from '../src/io/paths.ts';
import { SegueError } from '../src/model/errors.ts';
import { applyTransfer, planTransfer } from '../src/transfer/index.ts';

const agents = await loadAgents();
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A home with all fixtures of these agents; later scenarios do not overwrite earlier ones of the same name. */
function homeOf(wanted: readonly Agent[]): Env {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'segue-stores-')));
  folders.push(root);
  const home = join(root, 'home');
  mkdirSync(home);
  for (const agent of wanted) {
    const fixtures = join(import.meta.dirname, '../src/agents', agent.id, 'fixtures');
    for (const scenario of existsSync(fixtures) ? readdirSync(fixtures) : []) {
      cpSync(join(fixtures, scenario), home, { recursive: true, force: false });
    }
  }
  return { home, vars: { SEGUE_DATA_DIR: join(root, 'data') }, platform: 'linux' };
}

/** Every file with its content, mode and times. */
function snapshot(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const item of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(item.parentPath, item.name);
    const stat = statSync(path);
    const content = item.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
    files[relative(folder, path)] = `${stat.mode} ${item.isFile() ? stat.mtimeMs : ''} ${content}`;
  }
  return files;
}

describe.each(agents.map((agent) => [agent.id, agent] as const))('%s', (_id, agent) => {
  it('list, search, show, handoff and convert change nothing in the store', {
    timeout: 120_000,
  }, async () => {
    const env = homeOf([agent]);
    const before = snapshot(env.home);
    const { sessions } = await listSessions(env, { agents: [agent.id], all: true });
    expect(sessions.length).toBeGreaterThan(0);
    (await openFullIndex(env)).index.close();
    const count = await loadTokenCounter();
    const target = agents.find(({ id }) => id === (agent.id === 'claude' ? 'codex' : 'claude'));
    if (target === undefined) return expect.fail('there is an agent to convert to');
    let read = 0;
    let converted = 0;
    for (const ref of agent.discover({ env }).refs) {
      const session = readOrSay(agent, ref, env);
      if (session === undefined) continue;
      read += [...session.entries()].length;
      try {
        makeHandoff(session, presets.standard, count, redactText);
        await applyTransfer(planTransfer({ env, source: agent, ref, target, cwd: env.home }));
        converted++;
      } catch (error) {
        if (!(error instanceof SegueError && error.code === 'nothing-to-transfer')) throw error;
      }
    }
    expect(read).toBeGreaterThan(0);
    expect(converted).toBeGreaterThan(0);
    const after = snapshot(env.home);
    const added = Object.keys(after).filter((path) => !(path in before));
    expect(Object.fromEntries(Object.keys(before).map((path) => [path, after[path]]))).toEqual(before);
    // what conversion added is the target's
    const roots = target.roots(env).map((root) => relative(env.home, root).split(sep)[0]);
    expect(added.filter((path) => !roots.includes(path.split(sep)[0]))).toEqual([]);
  });

  it('files are told apart by when their status changed, too', () => {
    const refs = agent.discover({ env: homeOf([agent]) }).refs.filter(({ key }) => key === undefined);
    expect(refs.filter(({ ctimeMs = 0 }) => ctimeMs === 0)).toEqual([]);
  });

  it('a broken store of its own is told, and hides no session of the others', {
    timeout: 120_000,
  }, async () => {
    const others = agents
      .filter(({ id }) => id === 'claude' || id === 'pi' || id === 'gemini')
      .filter(({ id }) => id !== agent.id);
    const env = homeOf([...others, agent]);
    const healthy = await listed(env, others);
    expect(healthy.length).toBeGreaterThan(3);
    for (const damage of damages) {
      const broken = homeOf([...others, agent]);
      for (const root of agent.roots(broken))
        if (existsSync(root) && !others.some((other) => other.roots(broken).includes(root)))
          damage.make(root);
      expect(await listed(broken, others), damage.name).toEqual(healthy);
      // whatever is still found of its own can be asked for: an answer or a known error, never a crash
      for (const ref of agent.discover({ env: broken }).refs)
        for (const _ of readOrSay(agent, ref, broken)?.entries() ?? []);
    }
  });
});

function readOrSay(agent: Agent, ref: Parameters<Agent['read']>[0], env: Env) {
  try {
    return agent.read(ref, { env });
  } catch (error) {
    if (error instanceof SegueError) return undefined;
    throw error;
  }
}

async function listed(env: Env, of: readonly Agent[]): Promise<string[]> {
  const { sessions } = await listSessions(env, { all: true });
  return sessions
    .filter(({ agent }) => of.some(({ id }) => id === agent))
    .map(({ agent, id, title }) => `${agent}:${id} ${title}`)
    .sort();
}

/** Ways in which a whole store can be broken. */
const damages: { name: string; make(root: string): void }[] = [
  {
    name: 'every file is cut in the middle',
    make: (root) =>
      eachFile(root, (path, bytes) => writeFileSync(path, bytes.subarray(0, bytes.length >> 1))),
  },
  {
    name: 'every file is junk',
    make: (root) =>
      eachFile(root, (path, bytes) =>
        writeFileSync(path, Buffer.from(bytes.map((byte, i) => (byte * 31 + i) & 0xff))),
      ),
  },
  { name: 'every file is empty', make: (root) => eachFile(root, (path) => writeFileSync(path, '')) },
  {
    name: 'the store is a file',
    make(root) {
      rmSync(root, { recursive: true });
      writeFileSync(root, 'no folder');
    },
  },
  {
    name: 'the store is a link to itself',
    make(root) {
      rmSync(root, { recursive: true });
      symlinkSync(root, root);
    },
  },
];

function eachFile(root: string, change: (path: string, bytes: Buffer) => void): void {
  if (statSync(root).isFile()) {
    change(root, readFileSync(root));
    return;
  }
  for (const item of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(item.parentPath, item.name);
    if (item.isFile()) change(path, readFileSync(path));
  }
}
