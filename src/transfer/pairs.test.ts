/** Real agents' readers and writers, in pairs: what is written reads back, and comes back equal to what was declared. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryInputs, arbitraryText } from '../../test/arbitrary-session.ts';
import { rawSession } from '../../test/raw-session.ts';
import { holding, leftovers, projectOf, scratchEnv } from '../../test/scratch.ts';
import { sessionOf } from '../../test/session-of.ts';
import { toyAgent } from '../../test/toy-agent.ts';
import type { Agent, SessionRef } from '../agents/contract.ts';
import { loadAgents } from '../agents/registry.ts';
import type { Env } from '../io/paths.ts';
import { comparable } from '../model/compare.ts';
import { SegueError } from '../model/errors.ts';
import type { Entry, Session } from '../model/session.ts';
import { declaredLosses, type FidelityReport } from './fidelity.ts';
import { applyTransfer, planTransfer } from './index.ts';

const origin = toyAgent({ id: 'origin', store: 'file' });
const RUNS = 12;

/** Agents whose store segue writes itself, also into an empty home. Import commands need the agent. */
const writers = (await loadAgents()).filter(writesItself);
/** Every other agent is tried in a pair with each of these. */
const hubs = writers.filter(({ id }) => id === 'claude' || id === 'codex');

function writesItself(agent: Agent): boolean {
  const env = scratchEnv();
  const session = sessionOf('origin', [said('first', 'go')], projectOf(env));
  try {
    return planTransfer({ env, ...holding(origin, session), target: agent }).plan.import === undefined;
  } catch (error) {
    if (error instanceof SegueError) return false;
    throw error;
  }
}

function said(id: string, text: string): Entry {
  const base = { id, parentId: null, evidence: [], type: 'message' as const };
  return { ...base, role: 'user', origin: 'human', parts: [{ type: 'text', text }] };
}

/** A scratch home in memory where there is such a folder: these tests sync a lot. */
async function inScratch(work: (env: Env) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'segue-pairs-'));
  try {
    await work(scratchEnv(root));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function move(
  env: Env,
  source: Agent,
  ref: SessionRef,
  target: Agent,
): Promise<{ ref: SessionRef; fidelity: FidelityReport }> {
  const { target: written, fidelity } = await applyTransfer(
    planTransfer({ env, source, ref, target, cwd: projectOf(env) }),
  );
  const found = target.discover({ env }).refs.find(({ id }) => id === written.id);
  if (found === undefined) throw new Error(`${target.id} does not find what was written`);
  return { ref: found, fidelity };
}

function lines(session: Session): string[] {
  return [...comparable(session.entries(), { tools: 'canonical' })];
}

/** Sessions with something to transfer. */
const sessions = rawSession(origin).map((session) =>
  sessionOf('origin', [said('first', 'go'), ...session.entries()]),
);

/** What every agent has: prompts, answers, commands, files read and written. Nothing of it may change on the way. */
const plainSessions = fc
  .array(
    fc.record({
      prompt: arbitraryText.filter((text) => !/^[\s<[/!@#(]/.test(text)),
      command: arbitraryInputs.execute.map(({ command }) => ({ command })),
      said: arbitraryText,
      exitCode: fc.constantFrom(0, 0, 1, 127),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((turns) => {
    const base = { parentId: null, evidence: [], type: 'message' as const };
    const entries = turns.flatMap(({ prompt, command, said, exitCode }, n): Entry[] => {
      const callId = `t_${n}`;
      const native = { name: 'sh', input: { cmd: command.command } };
      const status = exitCode === 0 ? 'ok' : 'error';
      const content = [{ type: 'text' as const, text: said }];
      return [
        { ...base, id: `p${n}`, role: 'user', origin: 'human', parts: [{ type: 'text', text: prompt }] },
        {
          ...base,
          id: `c${n}`,
          role: 'assistant',
          origin: 'agent',
          parts: [{ type: 'tool_call', callId, native, tool: 'execute', input: command }],
        },
        {
          ...base,
          id: `r${n}`,
          role: 'user',
          origin: 'agent',
          parts: [{ type: 'tool_result', callId, status, exitCode, content }],
        },
        { ...base, id: `a${n}`, role: 'assistant', origin: 'agent', parts: [{ type: 'text', text: said }] },
      ];
    });
    return sessionOf('origin', entries);
  });

describe.each(writers.map((agent) => [agent.id, agent] as const))('%s', (_id, agent) => {
  test('takes any session: it reads back as it was meant', async () => {
    await inScratch(async (env) => {
      await fc.assert(
        fc.asyncProperty(sessions, async (session) => {
          const { source, ref } = holding(origin, session);
          const moved = await move(env, source, ref, agent);
          const there = lines(agent.read(moved.ref, { env }));
          if (declaredLosses(moved.fidelity).length === 0)
            expect(there).toEqual(lines(session).filter((line) => !/^\["system"/.test(line)));
          expect(leftovers(env)).toEqual([]);
        }),
        { numRuns: RUNS },
      );
    });
  });

  test.each(hubs.map((other) => [other.id, other] as const))('to %s and back', async (_other, other) => {
    await inScratch(async (env) => {
      await fc.assert(
        fc.asyncProperty(sessions, async (session) => {
          const { source, ref } = holding(origin, session);
          const first = await move(env, source, ref, agent);
          const there = await move(env, agent, first.ref, other);
          const back = await move(env, other, there.ref, agent);
          const before = lines(agent.read(first.ref, { env }));
          const after = lines(agent.read(back.ref, { env }));
          if (declaredLosses(there.fidelity).length + declaredLosses(back.fidelity).length === 0)
            expect(after).toEqual(before);
        }),
        { numRuns: RUNS },
      );
    });
  });
});

test.each(writers.flatMap((one) => hubs.map((other) => [one.id, other.id, one, other] as const)))(
  'a plain conversation comes back from %s by way of %s as it was',
  async (_one, _other, one, other) => {
    await inScratch(async (env) => {
      await fc.assert(
        fc.asyncProperty(plainSessions, async (session) => {
          const { source, ref } = holding(origin, session);
          const first = await move(env, source, ref, one);
          const there = await move(env, one, first.ref, other);
          const back = await move(env, other, there.ref, one);
          expect([first, there, back].flatMap(({ fidelity }) => declaredLosses(fidelity))).toEqual([]);
          expect(lines(one.read(back.ref, { env }))).toEqual(lines(session));
        }),
        { numRuns: RUNS },
      );
    });
  },
);

test('the first two agents are among them', () => {
  expect(hubs.map(({ id }) => id)).toEqual(['claude', 'codex']);
});
