/** What is known of a session as a whole. */
import { openLines } from '../../io/lines.ts';
import type { SessionInfo } from '../../model/session.ts';
import type { ReadContext, SessionRef } from '../contract.ts';
import { projectOf } from './places.ts';
import type { Replay } from './replay.ts';

/** From the replayed files of a session, the one in `ref` first. */
export function sessionInfo(replays: Replay[], ref: SessionRef, { env }: ReadContext): SessionInfo {
  const [main] = replays;
  const facts = main?.facts ?? {};
  const id = facts.sessionId ?? ref.id;
  const times = (key: 'startTime' | 'lastUpdated'): string[] =>
    replays.flatMap((each) => each.facts[key] ?? []).sort();
  const info: SessionInfo = {
    agent: 'gemini',
    id,
    models: [...new Set(replays.flatMap((each) => each.models))],
    lineage: [],
  };
  const title = replays.map((each) => each.facts.summary).find((summary) => summary !== undefined);
  const cwd = projectOf(ref.path, facts.projectHash, env, () => pathsIn(ref.path));
  const usage = totalUsage(replays);
  if (title !== undefined) info.title = title;
  if (cwd !== undefined) info.cwd = cwd;
  if (usage !== undefined) info.usage = usage;
  const createdAt = times('startTime')[0];
  const updatedAt = times('lastUpdated').at(-1);
  if (createdAt !== undefined) info.createdAt = createdAt;
  if (updatedAt !== undefined) info.updatedAt = updatedAt;
  if (ref.parent !== undefined) info.lineage.push({ kind: 'subagent', agent: 'gemini', id: ref.parent });
  return info;
}

function totalUsage(replays: Replay[]): SessionInfo['usage'] {
  const total: NonNullable<SessionInfo['usage']> = {};
  const counted = new Set<string>();
  for (const { usage } of replays) {
    for (const [id, counts] of usage) {
      if (counted.has(id)) continue;
      counted.add(id);
      for (const key of ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const)
        if (counts[key] !== undefined) total[key] = (total[key] ?? 0) + counts[key];
    }
  }
  return counted.size === 0 ? undefined : total;
}

/** Directories named in the file's beginning: candidates for the project where only its hash is stored. */
export function pathsIn(path: string): Set<string> {
  const file = openLines(path);
  const found = new Set<string>();
  try {
    const text = file.slice(0, Math.min(file.size, 1 << 16)).toString('utf8');
    for (const [match] of text.matchAll(
      /(?:[A-Za-z]:\\\\|\/)[^\s"'`\\<>|*?:;,()]+(?:\\\\[^\s"'`\\<>|*?:;,()]+)*/g,
    )) {
      const whole = match.replaceAll('\\\\', '\\');
      const separator = whole.startsWith('/') ? '/' : '\\';
      for (let end = whole.length; end > 0; end = whole.lastIndexOf(separator, end - 1))
        found.add(whole.slice(0, end));
      if (found.size > 5000) break;
    }
  } finally {
    file.close();
  }
  return found;
}
