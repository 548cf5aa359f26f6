/**
 * Sessions outside a database: the file store of OpenCode up to 1.1 (`storage/session/<project>/<id>.json`,
 * `storage/message/<session>/<id>.json`, `storage/part/<message>/<id>.json`), and the document that `export` prints.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { scanMembers } from '../../io/json-scan.ts';
import { checksum, openLines } from '../../io/lines.ts';
import { list } from '../../io/walk.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asArray, asNumber, asObject, asText, parseJson, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, Evidence, JsonObject } from '../../model/session.ts';
import {
  factsOf,
  messageModels,
  type SessionSource,
  type StoredMessage,
  type StoredPart,
} from './opencode-source.ts';

/** A session file of the store, or an exported document. Throws `not-a-session` and `unreadable`. */
export function fileSource(path: string): SessionSource {
  const content = parseObject(readText(path));
  const info = asObject(content?.info);
  if (content !== undefined && info !== undefined && asArray(content.messages) !== undefined)
    return documentSource(path, info, content);
  const facts = content === undefined ? undefined : factsOf(content);
  if (facts === undefined || asText(content?.projectID) === undefined)
    throw new SegueError('not-a-session', `${path} holds no session`);
  return {
    facts,
    messages: (diagnostics) => storedMessages(storageOf(path), facts.id, diagnostics),
    children: (diagnostics) => storedChildren(path, facts.id, diagnostics),
    models: () => messageModels(storedMessages(storageOf(path), facts.id, [])),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new SegueError('unreadable', `cannot read ${path} (${systemCode(error) ?? 'error'})`, {
      cause: error,
    });
  }
}

/** `storage` for `storage/session/<project>/<id>.json`. */
function storageOf(sessionFile: string): string {
  return dirname(dirname(dirname(sessionFile)));
}

function storedChildren(path: string, id: string, diagnostics: Diagnostic[]): SessionSource[] {
  const folder = dirname(path);
  return list(folder, diagnostics)
    .filter((item) => item.name.endsWith('.json') && item.name !== basename(path))
    .flatMap((item) => {
      const file = join(folder, item.name);
      // only session files name their parent: the text is looked at before it is parsed
      const text = tryRead(file, diagnostics)?.text;
      if (text?.includes(id) !== true || asText(parseObject(text)?.parentID) !== id) return [];
      return [fileSource(file)];
    });
}

function* storedMessages(
  storage: string,
  sessionId: string,
  diagnostics: Diagnostic[],
): Generator<StoredMessage, void, void> {
  const folder = join(storage, 'message', sessionId);
  const order: { file: string; created: number; id: string }[] = [];
  for (const file of jsonFiles(folder, diagnostics)) {
    const record = readRecord(file, 'message', diagnostics);
    if (record === undefined) continue;
    const created = asNumber(asObject(record.data.time)?.created) ?? 0;
    order.push({ file, created, id: record.id });
  }
  order.sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  for (const { file } of order) {
    const message = readRecord(file, 'message', []);
    if (message === undefined) continue;
    const parts = jsonFiles(join(storage, 'part', message.id), diagnostics).flatMap(
      (part) => readRecord(part, 'part', diagnostics) ?? [],
    );
    yield { ...message, parts };
  }
}

function jsonFiles(folder: string, diagnostics: Diagnostic[]): string[] {
  return list(folder, diagnostics)
    .filter((item) => item.name.endsWith('.json'))
    .map((item) => join(folder, item.name));
}

function readRecord(file: string, kind: string, diagnostics: Diagnostic[]): StoredPart | undefined {
  const read = tryRead(file, diagnostics);
  if (read === undefined) return undefined;
  const data = parseObject(read.text);
  if (data === undefined) {
    diagnostics.push({ code: 'bad-record', message: `${kind} file without a JSON object`, path: file });
    return undefined;
  }
  const evidence: Evidence = {
    kind: 'range',
    path: file,
    start: 0,
    end: read.bytes.length,
    crc32: checksum(read.bytes),
  };
  return { id: asText(data.id) ?? basename(file, '.json'), data, evidence };
}

function tryRead(file: string, diagnostics: Diagnostic[]): { bytes: Buffer; text: string } | undefined {
  try {
    const bytes = readFileSync(file);
    return { bytes, text: bytes.toString('utf8') };
  } catch (error) {
    diagnostics.push({
      code: 'unreadable',
      message: `cannot read (${systemCode(error) ?? 'error'})`,
      path: file,
    });
    return undefined;
  }
}

function documentSource(path: string, info: JsonObject, content: JsonObject): SessionSource {
  const facts = factsOf(info);
  if (facts === undefined) throw new SegueError('not-a-session', `${path} names no session`);
  return {
    facts,
    messages: (diagnostics) => documentMessages(path, content, diagnostics),
    children: () => [],
    models: () => messageModels(documentMessages(path, content, [])),
  };
}

function* documentMessages(
  path: string,
  content: JsonObject,
  diagnostics: Diagnostic[],
): Generator<StoredMessage, void, void> {
  for (const [index, value] of (asArray(content.messages) ?? []).entries()) {
    const pointer = `/messages/${index}`;
    const message = asObject(value);
    const data = asObject(message?.info);
    if (data === undefined) {
      diagnostics.push({ code: 'bad-record', message: 'message without info', path, at: pointer });
      continue;
    }
    const parts: StoredPart[] = [];
    for (const [place, item] of (asArray(message?.parts) ?? []).entries()) {
      const at = `${pointer}/parts/${place}`;
      const part = asObject(item);
      if (part === undefined)
        diagnostics.push({ code: 'bad-record', message: 'part that is no object', path, at });
      else parts.push({ id: asText(part.id) ?? at, data: part, evidence: pointerEvidence(path, at, part) });
    }
    yield {
      id: asText(data.id) ?? pointer,
      data,
      parts,
      evidence: pointerEvidence(path, `${pointer}/info`, data),
    };
  }
}

function pointerEvidence(path: string, pointer: string, value: JsonObject): Evidence {
  return { kind: 'pointer', path, pointer, crc32: checksum(JSON.stringify(value)) };
}

/** Longest start of a document in which its session record is looked for. */
const HEAD_BYTES = 64 * 1024;

/** The `info` object at the start of a file that may be an exported document, without reading its messages. */
export function documentInfo(path: string): JsonObject | undefined {
  const file = openLines(path);
  try {
    const head = file.slice(0, Math.min(HEAD_BYTES, file.size));
    let info: JsonObject | undefined;
    scanMembers(head, 0, head.length, (key, start, end) => {
      if (key !== 'info') return true;
      info = asObject(parseJson(head.toString('utf8', start, end)));
      return false;
    });
    return info;
  } finally {
    file.close();
  }
}

/** How many messages the file store has of the session in `path`; 0 for a document. */
export function storedMessageCount(path: string, sessionId: string): number {
  return list(join(storageOf(path), 'message', sessionId), []).length;
}
