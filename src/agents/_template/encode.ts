/** Prepared session → native records. Pure: no I/O, content in chunks. */
import { join } from 'node:path';
import type { JsonObject, JsonValue, MessageEntry, Part, Session } from '../../model/session.ts';
import { jsonLine } from '../../model/text.ts';
import type { EncodeTarget, WritePlan } from '../contract.ts';
import { roots } from './discover.ts';

export function encode(session: Session, target: EncodeTarget): WritePlan {
  const { env, cwd, now, ids, title } = target;
  const sessionId = ids.uuid4();
  const [root = ''] = roots(env);
  const path = join(root, `${sessionId}.jsonl`);
  function* content(): Generator<string, void, void> {
    yield jsonLine({ type: 'session', id: sessionId, cwd, title, created: now.toISOString() });
    for (const entry of session.entries()) if (entry.type === 'message') yield jsonLine(recordOf(entry, now));
  }
  return {
    agent: 'template',
    sessionId,
    ref: { path },
    files: [{ path, content }],
    lines: [],
    members: [],
    rows: () => [],
  };
}

function recordOf(entry: MessageEntry, now: Date): JsonObject {
  const { id, role, time = now.toISOString() } = entry;
  return {
    type: 'message',
    id,
    time,
    role,
    content: entry.parts.map(blockOf).filter((block) => block !== undefined),
  };
}

function blockOf(part: Part): JsonValue | undefined {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return { type: 'image', mediaType: part.mediaType, data: part.data ?? '' };
    case 'tool_call':
      return { type: 'tool_use', id: part.callId, name: part.native.name, input: part.native.input };
    case 'tool_result': {
      const content = part.content.map((item) => blockOf(item)).filter((block) => block !== undefined);
      const block = { type: 'tool_result', id: part.callId, status: part.status, content };
      return part.exitCode === undefined ? block : { ...block, exit: part.exitCode };
    }
    case 'reasoning':
    case 'file':
      return undefined; // prepare leaves neither for an agent that does not accept them
  }
}
