/** For agents that are written through their own import command: plans, and the document read back without the command. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, WritePlan } from '../src/agents/contract.ts';
import type { Env } from '../src/io/paths.ts';
import { comparable } from '../src/model/compare.ts';
import { seededIds } from '../src/model/ids.ts';
import type { JsonObject, Session } from '../src/model/session.ts';

export const NOW = new Date('2026-11-22T12:00:00.000Z');
export const CWD = '/home/dev/project';

/** The plan of a session, with the same ids each time. */
export function planImport(
  agent: Agent,
  session: Session,
  home: string,
  store: JsonObject = { model: 'mock/mock-model' },
): WritePlan {
  if (agent.writer === undefined) throw new Error(`${agent.id} has no writer`);
  const ids = seededIds(new Uint8Array(32).fill(7), NOW.getTime());
  return agent.writer.encode(session, { env: envOf(home), cwd: CWD, now: NOW, ids, title: 'Planned', store });
}

/** The document that the import command would get. */
export function documentText(plan: WritePlan): string {
  if (plan.import === undefined) throw new Error('the plan imports nothing');
  return [...plan.import.input()].join('');
}

/** What the agent's reader makes of the document as a file. */
export function readDocument(agent: Agent, plan: WritePlan, home: string): Session {
  const path = join(home, plan.import?.inputName ?? 'document.json');
  writeFileSync(path, documentText(plan));
  return agent.read(
    { agent: agent.id, id: plan.sessionId, path, bytes: 0, mtimeMs: 0 },
    { env: envOf(home) },
  );
}

export function envOf(home: string, vars: Record<string, string> = {}): Env {
  return { home, vars, platform: 'linux' };
}

/** One line for each part, as verification compares them. */
export function linesOf(session: Session, tools: 'native' | 'canonical' = 'native'): string[] {
  return [...comparable(session.entries(), { tools })];
}
