/** Prepared session → a transcript of Qwen Code. The file alone is the session. */
import { join } from 'node:path';
import { asText } from '../../model/narrow.ts';
import type {
  JsonObject,
  MessageEntry,
  Part,
  Session,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import { jsonLine, oneLine } from '../../model/text.ts';
import { apiPart } from '../_shared/gemini-parts.ts';
import { answered, apiModelParts, apiSaidParts, runs } from '../_shared/gemini-records.ts';
import { writeResponse } from '../_shared/gemini-results.ts';
import { readShellOutput } from '../_shared/gemini-shell.ts';
import { repeatableIds } from '../_shared/repeatable-ids.ts';
import { keptEntries, turns } from '../_shared/turns.ts';
import type { EncodeTarget, WritePlan } from '../contract.ts';
import { compactedHistory } from './compaction.ts';
import { folderName, projectsDir } from './places.ts';

/** The agent's limit for titles. */
const TITLE = 200;

/** Pure. The id, and with it the file's name, comes from `target.ids`; only UUIDs of versions 1 to 5 can be resumed. */
export function encode(session: Session, target: EncodeTarget): WritePlan {
  const id = target.ids.uuid4();
  const ids = repeatableIds(() => target.ids.uuid4());
  const path = join(projectsDir(target.env), folderName(target.cwd, target.env), 'chats', `${id}.jsonl`);
  return {
    agent: 'qwen',
    sessionId: id,
    ref: { path },
    files: [{ path, content: () => lines(session, target, id, ids()) }],
    lines: [],
    members: [],
    rows: () => [],
  };
}

/** What a record holds beside what every record has. */
interface Body {
  type: string;
  provenance: string;
  [key: string]: JsonObject[string];
}

function* lines(
  session: Session,
  target: EncodeTarget,
  sessionId: string,
  newId: () => string,
): Generator<string> {
  const now = target.now.toISOString();
  const gitBranch = session.info.git?.branch;
  let parentUuid: string | null = null;
  const line = (timestamp: string, body: Body): string => {
    const uuid = newId();
    const head = { uuid, parentUuid, sessionId, timestamp, type: body.type, provenance: body.provenance };
    const place = { cwd: target.cwd, ...(gitBranch === undefined ? {} : { gitBranch }) };
    parentUuid = uuid;
    return jsonLine({ ...head, ...place, ...body });
  };
  // only the content of entries that a compaction keeps is held
  const kept = keptEntries(session.entries());
  const contents = new Map<string, JsonObject[]>();
  for (const { entry, calls } of answered(turns(session.entries(), kept))) {
    const time = entry.time ?? now;
    if (entry.type === 'message') {
      const bodies = messageBodies(entry, calls);
      if (kept.has(entry.id))
        contents.set(
          entry.id,
          bodies.map((body) => body.message as JsonObject),
        );
      for (const body of bodies) yield line(time, body);
    } else if (entry.type === 'compaction' && entry.summary !== '') {
      const keeps = entry.keeps.flatMap((id) => contents.get(id) ?? []);
      yield line(time, compression(compactedHistory(entry.summary, keeps)));
    }
  }
  const title = target.title === undefined ? '' : oneLine(target.title, TITLE);
  // the agent looks for it at the end of the file
  if (title !== '') yield line(now, system('custom_title', { customTitle: title, titleSource: 'manual' }));
}

function messageBodies(entry: MessageEntry, calls: Map<string, ToolCallPart>): Body[] {
  const { model } = entry;
  // each result is a record of its own
  return runs(entry, (part) => part.type === 'tool_result').map(({ kind, parts }): Body => {
    if (kind === 'said')
      return { type: 'user', provenance: 'real_user', message: { role: 'user', parts: apiSaidParts(parts) } };
    if (kind === 'results') return resultBody(parts[0], calls);
    const message = { role: 'model', parts: apiModelParts(parts) };
    return {
      type: 'assistant',
      provenance: 'assistant_output',
      ...(model === undefined ? {} : { model }),
      message,
    };
  });
}

function resultBody(part: Part | undefined, calls: Map<string, ToolCallPart>): Body {
  const result = part as ToolResultPart;
  const call = calls.get(result.callId);
  const { response, media } = writeResponse(result, result.status !== 'ok');
  const functionResponse: JsonObject = { id: result.callId, name: call?.native.name ?? 'unknown', response };
  if (media.length > 0) functionResponse.parts = media.map(apiPart);
  return {
    type: 'tool_result',
    provenance: 'tool_result',
    message: { role: 'user', parts: [{ functionResponse }] },
    toolCallResult: {
      callId: result.callId,
      status: { ok: 'success', error: 'error', interrupted: 'cancelled' }[result.status],
      resultDisplay: shownText(result, call),
    },
  };
}

/** The first lines are enough for a row in the interface. */
function shownText(result: ToolResultPart, call: ToolCallPart | undefined): string {
  const text = result.content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n');
  const input = call?.native.input;
  const command =
    typeof input === 'object' && input !== null && 'command' in input ? asText(input.command) : undefined;
  return (readShellOutput(text, command)?.text ?? text).slice(0, 2000);
}

function compression(compressedHistory: JsonObject[string]): Body {
  const info = { originalTokenCount: 0, newTokenCount: 0, compressionStatus: 1 };
  return system('chat_compression', { info, compressedHistory });
}

function system(subtype: string, systemPayload: JsonObject): Body {
  return { type: 'system', provenance: 'system', subtype, systemPayload };
}
