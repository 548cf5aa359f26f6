/** Every Qwen Code session, by file name: active, archived, and transcripts of subagents. */
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { headAndTail } from '../../io/lines.ts';
import type { Env } from '../../io/paths.ts';
import { type FoundFile, list, walk } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import { asText, parseObject } from '../../model/narrow.ts';
import type { Diagnostic } from '../../model/session.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';
import { isSessionName, projectsDir } from './places.ts';

export function roots(env: Env): string[] {
  return [projectsDir(env)];
}

/** `<project>/chats/ID.jsonl`, `<project>/chats/archive/ID.jsonl`, `<project>/subagents/ID/agent-*.jsonl`. */
export function discover({ env }: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const found = walk(
    projectsDir(env),
    3,
    (name, [, kind, below]) =>
      kind === 'chats'
        ? isSessionName(name) && (below === undefined || below === 'archive')
        : kind === 'subagents' && below !== undefined && isAgentName(name),
    diagnostics,
    (name, folders) =>
      folders.length === 0 ||
      (folders.length === 1
        ? name === 'chats' || name === 'subagents'
        : folders[1] === 'subagents' || name === 'archive'),
  );
  return { refs: found.map(reference), diagnostics };
}

function reference({ path, name, bytes, mtimeMs, ctimeMs, folders }: FoundFile): SessionRef {
  const ref = { agent: 'qwen', id: name.replace(/\.jsonl$/, ''), path, bytes, mtimeMs, ctimeMs };
  if (folders[1] === 'subagents') return { ...ref, parent: folders[2] };
  return folders[2] === 'archive' ? { ...ref, archived: true } : ref;
}

function isAgentName(name: string): boolean {
  return name.startsWith('agent-') && name.endsWith('.jsonl');
}

/** Transcripts of the subagents of a session. */
export function subagentFiles(path: string, id: string): string[] {
  if (!isSessionName(`${id}.jsonl`)) return [];
  const chats = dirname(path);
  const project = basename(chats) === 'archive' ? dirname(dirname(chats)) : dirname(chats);
  const folder = join(project, 'subagents', id);
  return list(folder, [])
    .filter((item) => item.isFile() && isAgentName(item.name))
    .map((item) => join(folder, item.name));
}

/** A transcript given by path: by its place and name, or by its first record. */
export function recognize(path: string): SessionRef | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || !path.endsWith('.jsonl')) return undefined;
    const name = basename(path);
    const folder = basename(dirname(path));
    const inPlace = isSessionName(name) && (folder === 'chats' || folder === 'archive');
    const id = inPlace ? name.replace(/\.jsonl$/, '') : firstRecordId(path);
    if (id === undefined) return undefined;
    const ref: SessionRef = { agent: 'qwen', id, path, bytes: stat.size, mtimeMs: stat.mtimeMs };
    return folder === 'archive' ? { ...ref, archived: true } : ref;
  } catch (error) {
    void systemCode(error); // missing or unreadable: not ours to say
    return undefined;
  }
}

/** Records of other agents have `uuid` and `sessionId`, too; only Qwen Code's messages have `parts`. */
function firstRecordId(path: string): string | undefined {
  for (const line of headAndTail(path, 1 << 16, 0).head) {
    const record = parseObject(line);
    if (asText(record?.uuid) === undefined) return undefined;
    if (/"message":\{"role":"(?:user|model)","parts":\[/.test(line)) return asText(record?.sessionId);
  }
  return undefined;
}
