import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Entry, SessionInfo } from '../../model/session.ts';
import type { MarkedSession, ReadOptions, SessionRef } from '../contract.ts';
import { readInOnePass, SecondPassNeeded } from '../onepass.ts';
import { agent } from './index.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const CLIP: ReadOptions = { clip: 64 << 10, clipOutput: 12 << 10 };

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'segue-flow-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function contextOf(folder: string) {
  return { env: { home: folder, vars: {}, platform: 'linux' as const } };
}

/** All of a session, without token counts, which may be missing where texts are clipped. */
function all(session: MarkedSession): { entries: Entry[]; info: Omit<SessionInfo, 'usage'> } {
  const entries = [...session.entries()].map((entry) => {
    if (entry.type !== 'message') return entry;
    const { usage: _, ...rest } = entry;
    return rest;
  });
  const { usage: _, ...info } = session.info;
  return { entries, info };
}

test.each(readdirSync(FIXTURES))('one pass reads what two passes read: %s', (scenario) => {
  const context = contextOf(join(FIXTURES, scenario));
  for (const ref of agent.discover(context).refs)
    expect(all(agent.read(ref, context, { ...CLIP, onePass: true }))).toEqual(
      all(agent.read(ref, context, CLIP)),
    );
});

/** A session in which prompts and answers take turns. */
function written(turns: number): SessionRef {
  const path = join(home, '.claude/projects/-work-app/0f3c.jsonl');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  const ref: SessionRef = { agent: 'claude', id: '0f3c', path, bytes: 0, mtimeMs: 0 };
  for (let n = 0; n < turns; n++) {
    append(ref, 'user', `u${n}`, n === 0 ? null : `a${n - 1}`, `prompt ${n}`);
    append(ref, 'assistant', `a${n}`, `u${n}`, `answer ${n}`);
  }
  return ref;
}

function append(ref: SessionRef, type: string, uuid: string, parentUuid: string | null, text: string): void {
  const content = type === 'user' ? text : [{ type: 'text', text }];
  const message = { role: type, content, ...(type === 'user' ? {} : { id: `m-${uuid}`, model: 'claude-x' }) };
  const timestamp = '2026-11-01T10:00:00.000Z';
  appendFileSync(
    ref.path,
    `${JSON.stringify({ parentUuid, isSidechain: false, type, message, uuid, timestamp, cwd: '/work/app' })}\n`,
  );
}

describe('a session of some length', () => {
  test('is given while it is read: its directory at once, the rest of its facts at the end', () => {
    const session = agent.read(written(500), contextOf(home), { ...CLIP, onePass: true });
    const entries = session.entries()[Symbol.iterator]();
    entries.next();
    expect([session.info.cwd, session.info.models]).toEqual(['/work/app', ['claude-x']]);
    while (!entries.next().done);
    expect(session.info.title).toBe('prompt 0');
  });

  test('is read again from its start when a later record makes earlier ones a branch', () => {
    const ref = written(500);
    append(ref, 'user', 'other', 'a3', 'another way');
    append(ref, 'assistant', 'answer', 'other', 'yes');
    const context = contextOf(home);
    const wanted = all(agent.read(ref, context, CLIP));
    expect(wanted.entries).toHaveLength(10);
    const tries: number[] = [];
    const found = readInOnePass(agent, ref, context, CLIP, (session) => {
      const at = tries.push(0) - 1;
      const texts: string[] = [];
      for (const entry of session.entries()) {
        tries[at] = (tries[at] ?? 0) + 1;
        texts.push(entry.id);
      }
      return { texts, info: session.info };
    });
    // most of what is no part of it was given at first
    expect(tries[0]).toBeGreaterThan(900);
    expect(tries.slice(1)).toEqual([10]);
    expect(found.texts).toEqual(wanted.entries.map(({ id }) => id));
    expect(found.info).toEqual(agent.read(ref, context, CLIP).info);
  });

  test('is not read so when its first record does not say its directory', () => {
    const ref = written(3);
    const moved = { ...ref, path: join(home, '.claude/projects/-elsewhere/0f3c.jsonl') };
    mkdirSync(dirname(moved.path), { recursive: true });
    writeFileSync(moved.path, '');
    append(moved, 'user', 'u0', null, 'moved');
    append(moved, 'user', 'u1', 'gone', 'after a gap');
    expect(() => all(agent.read(moved, contextOf(home), { ...CLIP, onePass: true }))).not.toThrow();
    append(ref, 'user', 'u9', 'gone', 'after a gap');
    expect(() => all(agent.read(ref, contextOf(home), { ...CLIP, onePass: true }))).toThrow(SecondPassNeeded);
  });

  test('whole texts, and other branches than the active one, are read in two passes', () => {
    const ref = written(3);
    append(ref, 'user', 'other', 'a0', 'another way');
    const context = contextOf(home);
    for (const options of [{}, { ...CLIP, branch: 'a2' }])
      expect(() => all(agent.read(ref, context, { ...options, onePass: true }))).not.toThrow();
  });
});
