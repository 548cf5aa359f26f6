/** Every Gemini CLI session: chat files by name, those of one session together. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { headAndTail } from '../../io/lines.ts';
import type { Env } from '../../io/paths.ts';
import { type FoundFile, walk } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import type { Diagnostic } from '../../model/session.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';
import { tmpDir } from './places.ts';

export function roots(env: Env): string[] {
  return [tmpDir(env)];
}

/**
 * Sessions below `~/.gemini/tmp`. Files of one folder with the same 8 characters of an id are one session: a resume in a
 * later minute leaves a second file. A name holds no more of the id: whoever asks for it has the beginning of one file read.
 */
export function discover({ env }: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const found = walk(
    tmpDir(env),
    3,
    (name, folders) =>
      folders.length === 2 ? isSessionName(name) : folders.length === 3 && name.endsWith('.jsonl'),
    diagnostics,
    (name, folders) => (folders.length === 0 ? name !== 'bin' : folders.length > 1 || name === 'chats'),
  );
  const groups = new Map<string, FoundFile[]>();
  for (const file of found) {
    const { path, name, folders } = file;
    const key = folders.length === 3 ? path : path.slice(0, -name.length) + groupKey(name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  return { refs: Array.from(groups.values(), reference), diagnostics };
}

function reference(group: FoundFile[]): SessionRef {
  const names = orderNames(group.map((file) => file.name));
  const file = group.find((each) => each.name === names[0]) ?? (group[0] as FoundFile);
  const { path, name, folders, bytes, mtimeMs, ctimeMs } = file;
  const parent = folders.length === 3 ? folders[2] : undefined;
  let id: string | undefined;
  const ref: SessionRef = {
    agent: 'gemini',
    // it costs opening the file, and most lists do not need it
    get id() {
      id ??= parent === undefined ? fullId(path, longest(names.map(idInName))) : basename(name, '.jsonl');
      return id;
    },
    path,
    bytes,
    mtimeMs,
    ctimeMs,
  };
  if (parent !== undefined) ref.parent = parent;
  return ref;
}

/** The id that a file's first record says; what its name says when that is whole, or nothing else is to be had. */
function fullId(path: string, named: string): string {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(named)) return named;
  try {
    const fd = openSync(path, 'r');
    try {
      const head = Buffer.alloc(256);
      const text = head.toString('utf8', 0, readSync(fd, head, 0, head.length, 0));
      return /"sessionId"\s*:\s*"([^"\\]+)"/.exec(text)?.[1] ?? named;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    void systemCode(error); // reading it will say why
    return named;
  }
}

function longest(texts: string[]): string {
  return texts.reduce((a, b) => (b.length > a.length ? b : a), '');
}

/** Names of one session's files, the one that the agent goes on writing to first: `.jsonl` before `.json`, then the oldest. */
function orderNames(names: string[]): string[] {
  if (names.length === 1) return names;
  const logs = names.filter((name) => name.endsWith('.jsonl'));
  const old = names.filter((name) => !name.endsWith('.jsonl') && !logs.includes(`${name}l`));
  return [...logs.sort(), ...old.sort()];
}

/** The files of the session that `path` belongs to, by name, `path`'s among them. A `.json` that went on as `.jsonl` is left out. */
export function sessionFiles(path: string): string[] {
  const name = basename(path);
  if (!isSessionName(name)) return [path];
  const key = groupKey(name);
  try {
    const names = readdirSync(dirname(path)).filter(
      // nearly all are told apart by the first look
      (other) => other.includes(key) && isSessionName(other) && groupKey(other) === key,
    );
    const files = orderNames(names).map((other) => join(dirname(path), other));
    return files.length === 0 ? [path] : files;
  } catch (error) {
    void systemCode(error); // the folder cannot be listed: the file alone is read
    return [path];
  }
}

export function isSessionName(name: string): boolean {
  return name.startsWith('session-') && /\.jsonl?$/.test(name);
}

/** The id, or its beginning, in a file's name: what follows the minute (or, for imported sessions, the milliseconds). */
function idInName(name: string): string {
  const stem = name.replace(/^session-/, '').replace(/\.jsonl?$/, '');
  return stem.replace(/^(?:\d{4}-\d\d-\d\dT\d\d-\d\d|\d{10,})-/, '');
}

function groupKey(name: string): string {
  return idInName(name).slice(0, 8);
}

/** A chat file given by path: by its place and name, or by what its beginning says. */
export function recognize(path: string): SessionRef | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || !/\.jsonl?$/.test(path)) return undefined;
    const name = basename(path);
    const inPlace = isSessionName(name) && basename(dirname(path)) === 'chats';
    if (!inPlace && !looksLikeChat(path)) return undefined;
    const named = isSessionName(name) ? idInName(name) : name.replace(/\.jsonl?$/, '');
    return { agent: 'gemini', id: fullId(path, named), path, bytes: stat.size, mtimeMs: stat.mtimeMs };
  } catch (error) {
    void systemCode(error); // missing or unreadable: not ours to say
    return undefined;
  }
}

function looksLikeChat(path: string): boolean {
  const head = headAndTail(path, 1 << 12, 0)
    .head.join('\n')
    .slice(0, 4096);
  return /"sessionId"\s*:\s*"/.test(head) && /"projectHash"\s*:\s*"/.test(head);
}
