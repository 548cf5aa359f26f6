/** Finds transcripts by place and name. */
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { headAndTail } from '../../io/lines.ts';
import { walk } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import { asString, asText, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, JsonObject } from '../../model/session.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';
import { idOf, isAgentFile, projectsFolder, sessionFolder, UUID } from './places.ts';

const JSONL = '.jsonl';
const HEAD = 64 << 10;
/** `projects/<folder>/<session>/subagents/` and two levels below it for grouped runs. */
const DEPTH = 5;

/** Every transcript below `projects/`: sessions `<uuid>.jsonl` and subagents' `agent-<id>.jsonl`. Stat and names only. */
export function discover(context: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const files = walk(
    projectsFolder(context.env),
    DEPTH,
    (name, folders) =>
      name.endsWith(JSONL) &&
      (folders.length === 1
        ? UUID.test(name.slice(0, -JSONL.length)) || isAgentFile(name)
        : folders[2] === 'subagents' && isAgentFile(name)),
    diagnostics,
    (name, folders) =>
      folders.length === 2 ? name === 'subagents' : folders.length !== 1 || UUID.test(name),
  );
  const refs = files.map(({ path, name, folders, bytes, mtimeMs, ctimeMs }) => {
    const ref: SessionRef = { agent: 'claude', id: idOf(name), path, bytes, mtimeMs, ctimeMs };
    const parent = folders[1];
    if (parent !== undefined) ref.parent = parent;
    return ref;
  });
  return { refs, diagnostics };
}

/**
 * A transcript, wherever it lies, or the folder beside one → ref; undefined when it is not Claude Code's.
 * Looks at the first 64 KB for one chain record.
 */
export function recognize(path: string): SessionRef | undefined {
  const file = /\.jsonl$/i.test(path) ? path : `${path.replace(/[\\/]+$/, '')}.jsonl`;
  try {
    const stat = statSync(file);
    if (!stat.isFile() || !startsLikeTranscript(file)) return undefined;
    const ref: SessionRef = {
      agent: 'claude',
      id: idOf(file),
      path: file,
      bytes: stat.size,
      mtimeMs: stat.mtimeMs,
    };
    if (isAgentFile(file) && /[\\/]subagents[\\/]/.test(file)) ref.parent = basename(sessionFolder(file));
    return ref;
  } catch (error) {
    // whatever cannot be looked at is not recognised; `read` tells why when it is asked for
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function startsLikeTranscript(path: string): boolean {
  const { head } = headAndTail(path, HEAD, 0);
  return head.some((line) => {
    const record = parseObject(line);
    return record !== undefined && isChainRecord(record);
  });
}

/** A record of the parent chain: these fields together are in no other agent's files. */
function isChainRecord(record: JsonObject): boolean {
  const type = asString(record.type);
  return (
    (type === 'user' || type === 'assistant' || type === 'system' || type === 'attachment') &&
    asText(record.uuid) !== undefined &&
    'parentUuid' in record
  );
}

/** Transcripts of a session's subagents: in its folder, and older ones beside it that name it. */
export function subagentFiles(path: string, sessionId: string): string[] {
  if (isAgentFile(path)) return [];
  const diagnostics: Diagnostic[] = [];
  const folder = sessionFolder(path);
  const inside = walk(join(folder, 'subagents'), 2, isAgentFile, diagnostics).map((file) => file.path);
  const beside = walk(join(folder, '..'), 0, isAgentFile, diagnostics)
    .map((file) => file.path)
    .filter((file) => namesSession(file, sessionId));
  return [...inside, ...beside];
}

function namesSession(path: string, sessionId: string): boolean {
  try {
    const { head } = headAndTail(path, 16 << 10, 0);
    return head.some((line) => asText(parseObject(line)?.sessionId) === sessionId);
  } catch (error) {
    // an agent file that cannot be opened names nobody
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}
