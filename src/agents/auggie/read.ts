/** Auggie session files → sessions. A file is rewritten as a whole after each exchange. */
import { statSync } from 'node:fs';
import { checksum } from '../../io/lines.ts';
import { SegueError } from '../../model/errors.ts';
import { asArray, asNumber, asObject, asText, asTimestamp, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, Entry, JsonObject, Lineage, Session, Usage } from '../../model/session.ts';
import { type ArrayFile, readArrayFile } from '../_shared/array-file.ts';
import { onceEach } from '../_shared/pi-session.ts';
import type { DiagnosticSink } from '../_shared/pi-store.ts';
import type { ReadContext, ReadOptions, SessionRef } from '../contract.ts';
import { HISTORY } from './discover.ts';
import { exchangeEntries, REQUEST, RESPONSE, type Reading } from './entries.ts';

/** Member in which a transferred session names its source; it is gone once Auggie has rewritten the file. */
export const PROVENANCE = 'segueSource';

export function read(ref: SessionRef, _context: ReadContext, options: ReadOptions = {}): Session {
  const { path } = ref;
  if (options.branch !== undefined)
    throw new SegueError('not-a-session', `there is no branch ${options.branch} in ${path}`);
  const file = readArrayFile(path, HISTORY);
  const { members } = file;
  if (asText(members.sessionId) === undefined && file.items.length === 0)
    throw new SegueError('not-a-session', `${path} holds no session`);
  const diagnostics: Diagnostic[] = [];
  const sink = onceEach(diagnostics);
  if (file.torn) sink.push({ code: 'torn-record', message: 'the file is cut off', path });
  const totals = scanExchanges(file);
  return {
    info: {
      agent: 'auggie',
      id: ref.id,
      title: asText(members.customTitle) ?? asText(members.title),
      cwd: totals.cwd,
      models: models(members),
      usage: totals.usage,
      createdAt: asTimestamp(members.created),
      updatedAt: asTimestamp(members.modified) ?? asTimestamp(statSync(path).mtimeMs),
      lineage: lineageOf(members),
    },
    branches: [],
    subagents: [],
    diagnostics,
    entries: () => entriesOf(path, totals.cwd, sink),
  };
}

function* entriesOf(
  path: string,
  cwd: string | undefined,
  diagnostics: DiagnosticSink,
): Generator<Entry, void, void> {
  const { buffer, items } = readArrayFile(path, HISTORY);
  const reading: Reading = {
    path,
    cwd,
    diagnostics,
    calls: new Map(),
    callIds: new Set(),
    ids: new Set(),
    exchanges: new Map(),
  };
  let parentId: string | null = null;
  for (const [n, { start, end }] of items.entries()) {
    const bytes = buffer.subarray(start, end);
    const pointer = `/${HISTORY}/${n}`;
    const item = parseObject(bytes.toString('utf8'));
    if (item === undefined || asObject(item.exchange) === undefined) {
      diagnostics.push({ code: 'bad-record', message: 'an item is not an exchange', path, at: pointer });
      continue;
    }
    const evidence = { kind: 'pointer' as const, path, pointer, crc32: checksum(bytes) };
    for (const entry of exchangeEntries(item, n, evidence, reading)) {
      entry.parentId = parentId;
      parentId = entry.id;
      yield entry;
    }
  }
}

/** The first directory that a request names, and the token counts of all answers. */
function scanExchanges({ buffer, items }: ArrayFile): { cwd: string | undefined; usage: Usage | undefined } {
  let cwd: string | undefined;
  let usage: Usage | undefined;
  for (const { start, end } of items) {
    const exchange = asObject(parseObject(buffer.toString('utf8', start, end))?.exchange);
    cwd ??= directoryOf(exchange);
    for (const value of asArray(exchange?.response_nodes) ?? []) {
      const node = asObject(value);
      const tokens = node?.type === RESPONSE.tokens ? asObject(node.token_usage) : undefined;
      if (tokens === undefined) continue;
      usage = {
        input: (usage?.input ?? 0) + (asNumber(tokens.input_tokens) ?? 0),
        output: (usage?.output ?? 0) + (asNumber(tokens.output_tokens) ?? 0),
        cacheRead: (usage?.cacheRead ?? 0) + (asNumber(tokens.cache_read_input_tokens) ?? 0),
        cacheWrite: (usage?.cacheWrite ?? 0) + (asNumber(tokens.cache_creation_input_tokens) ?? 0),
      };
    }
  }
  return { cwd, usage };
}

/** The workspace that an exchange's IDE state names. */
export function directoryOf(exchange: JsonObject | undefined): string | undefined {
  for (const value of asArray(exchange?.request_nodes) ?? []) {
    const node = asObject(value);
    if (node?.type !== REQUEST.ide) continue;
    const [folder] = asArray(asObject(node.ide_state_node)?.workspace_folders) ?? [];
    const root = asText(asObject(folder)?.folder_root) ?? asText(asObject(folder)?.repository_root);
    if (root !== undefined) return root;
  }
  return undefined;
}

/** Which model answered is not recorded, only which one was chosen. */
function models(members: JsonObject): string[] {
  const model = asText(asObject(members.agentState)?.modelId);
  return model === undefined ? [] : [model];
}

function lineageOf(members: JsonObject): Lineage[] {
  const lineage: Lineage[] = [];
  const parent = asText(members.parentConversationId);
  if (parent !== undefined) lineage.push({ kind: 'subagent', agent: 'auggie', id: parent });
  const source = asObject(members[PROVENANCE]);
  const agent = asText(source?.agent);
  const id = asText(source?.id);
  if (agent !== undefined && id !== undefined) lineage.push({ kind: 'transplant', agent, id });
  return lineage;
}
