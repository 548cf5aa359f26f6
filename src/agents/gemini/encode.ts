/** Prepared session → a chat file of Gemini CLI 0.39 and later, with the project's markers. The recipe is in README.md. */
import { join } from 'node:path';
import { SegueError } from '../../model/errors.ts';
import { asArray, asText } from '../../model/narrow.ts';
import type { JsonObject, JsonValue, Session } from '../../model/session.ts';
import { jsonLine } from '../../model/text.ts';
import { ACKNOWLEDGEMENT, writeSnapshot } from '../_shared/gemini-compaction.ts';
import { answered } from '../_shared/gemini-records.ts';
import { repeatableIds } from '../_shared/repeatable-ids.ts';
import { keptEntries, turns } from '../_shared/turns.ts';
import type { EncodeTarget, PlannedFile, WritePlan } from '../contract.ts';
import { geminiDir, projectHash, projectKey, registryPath } from './places.ts';
import { messageRecords } from './records.ts';

/** Pure. The id, and with it the file's name, comes from `target.ids`. */
export function encode(session: Session, target: EncodeTarget): WritePlan {
  const slug = asText(target.store.slug);
  if (slug === undefined)
    throw new SegueError('write-failed', 'the project folder at Gemini CLI is not known');
  const { env, cwd, now } = target;
  const id = target.ids.uuid4();
  const home = geminiDir(env);
  const minute = now.toISOString().slice(0, 16).replace(':', '-');
  // the whole id in the name: the agent's start-up cleanup deletes by the name's last 8 characters
  const path = join(home, 'tmp', slug, 'chats', `session-${minute}-${id}.jsonl`);
  const key = projectKey(cwd, env);
  const ids = repeatableIds(() => target.ids.uuid4());
  const markers = (asArray(target.store.markers) ?? []).flatMap((base) => asText(base) ?? []);
  return {
    agent: 'gemini',
    sessionId: id,
    ref: { path },
    files: [
      { path, content: () => lines(session, target, id, ids()) },
      ...markers.map(
        (base): PlannedFile => ({
          path: join(home, base, slug, '.project_root'),
          content: () => [key],
          mode: 0o644,
        }),
      ),
    ],
    lines: [],
    members:
      target.store.registered === true
        ? []
        : [{ path: registryPath(env), at: ['projects'], key, value: slug, create: { projects: {} } }],
    rows: () => [],
  };
}

function* lines(session: Session, target: EncodeTarget, id: string, newId: () => string): Generator<string> {
  const now = target.now.toISOString();
  const metadata: JsonObject = {
    sessionId: id,
    projectHash: projectHash(projectKey(target.cwd, target.env)),
    startTime: session.info.createdAt ?? now,
    // sessions that were not updated for 30 days are deleted when the agent starts
    lastUpdated: now,
    kind: 'main',
  };
  if (target.title !== undefined) metadata.summary = target.title;
  yield jsonLine(metadata);
  // only the records of entries that a compaction keeps are held
  const kept = keptEntries(session.entries());
  const records = new Map<string, JsonObject[]>();
  for (const answers of answered(turns(session.entries(), kept))) {
    const { entry } = answers;
    const time = entry.time ?? now;
    if (entry.type === 'message') {
      const made = messageRecords(entry, answers, time, newId);
      if (kept.has(entry.id)) records.set(entry.id, made);
      for (const record of made) yield jsonLine(record);
    } else if (entry.type === 'compaction' && entry.summary !== '') {
      const keeps = entry.keeps.flatMap((keptId) => records.get(keptId) ?? []);
      yield jsonLine({ $set: { messages: compacted(entry.summary, keeps, time, newId), lastUpdated: now } });
    }
  }
}

/** The view after a compaction as the agent writes it: summary, acknowledgement, what was kept. */
function compacted(summary: string, keeps: JsonObject[], time: string, newId: () => string): JsonValue {
  const said = (type: string, text: string): JsonObject => ({
    id: newId(),
    timestamp: time,
    type,
    content: [{ text }],
  });
  return [said('user', writeSnapshot(summary)), said('gemini', ACKNOWLEDGEMENT), ...keeps];
}
