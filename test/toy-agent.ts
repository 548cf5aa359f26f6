/**
 * A small agent of our own: JSON lines, a JSON-lines index, a JSON index and a database, so that every kind of addition
 * to a store is exercised. `variant` changes what it accepts and where it keeps sessions.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type {
  Acceptance,
  Agent,
  EncodeTarget,
  SessionRef,
  ToolTable,
  WritePlan,
} from '../src/agents/contract.ts';
import type { Env } from '../src/io/paths.ts';
import { openForeign } from '../src/io/sqlite.ts';
import { SegueError } from '../src/model/errors.ts';
import { asArray, asNumber, asObject, asString, parseObject } from '../src/model/narrow.ts';
import type {
  Entry,
  JsonObject,
  JsonValue,
  MessageEntry,
  NativeCall,
  Part,
  ResultContent,
  Session,
  ToolResultPart,
} from '../src/model/session.ts';
import { jsonLine } from '../src/model/text.ts';
import type { ToolCall } from '../src/model/tools.ts';

export interface ToyVariant {
  id: string;
  /** Where a session's entries are: a file, rows of the database, or a file that the agent's own command puts there. */
  store: 'file' | 'rows' | 'import';
  accepts?: Partial<Acceptance>;
  /** The import command, for `store: 'import'`. */
  importer?: string;
  /** The import command keeps the planned id. */
  keepsId?: boolean;
}

/** Tables of the toy's database. */
export const TOY_SCHEMA = `
  CREATE TABLE threads (id TEXT PRIMARY KEY, path TEXT NOT NULL, title TEXT, cwd TEXT NOT NULL) STRICT;
  CREATE TABLE records (thread TEXT NOT NULL REFERENCES threads (id), n INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (thread, n)) STRICT;
`;

export function toyHome(env: Env, id: string): string {
  return join(env.home, `.${id}`);
}

export function toyAgent(variant: ToyVariant): Agent {
  const { id, store } = variant;
  const sessions = (env: Env): string => join(toyHome(env, id), 'sessions');
  const database = (env: Env): string => join(toyHome(env, id), 'state.db');
  return {
    id,
    name: `Toy ${id}`,
    bins: [id],
    aliases: [],
    roots: (env) => [toyHome(env, id)],
    discover({ env }) {
      const refs =
        store === 'rows' ? rowRefs(id, database(env)) : files(sessions(env)).map((path) => fileRef(id, path));
      return { refs, diagnostics: [] };
    },
    summarize: (ref) => ({ agent: id, id: ref.id, bytes: ref.bytes, path: ref.path }),
    read(ref) {
      const lines = store === 'rows' ? rowLines(ref) : fileLines(ref.path);
      return parseSession(id, ref, lines);
    },
    tools,
    launch: {
      start: () => undefined,
      resume: (session, { cwd }) => ({ argv: [id, '--resume', session.id], cwd }),
      version: [id, '--version'],
      flags: {},
      install: `get ${id}`,
    },
    writer: {
      accepts: {
        callId: { pattern: /^t_[a-z0-9]{1,40}$/, prefix: 't_' },
        toolName: { pattern: /^[a-z0-9_-]{1,24}$/, maxLength: 24 },
        images: { user: true, result: true },
        reasoningVendor: 'toyvendor',
        foreignTools: 'structured',
        compaction: true,
        guardedPrefixes: /^\//,
        ...variant.accepts,
      },
      probe: () => ({}),
      encode: (session, target) =>
        encode(variant, session, target, sessions(target.env), database(target.env)),
    },
  };
}

function encode(
  { id, store, importer = '', keepsId = false }: ToyVariant,
  session: Session,
  target: EncodeTarget,
  folder: string,
  database: string,
): WritePlan {
  const sessionId = target.ids.uuid4();
  const path = join(folder, target.now.toISOString().slice(0, 4), `${sessionId}.jsonl`);
  const head = { type: 'head', id: sessionId, cwd: target.cwd, title: target.title ?? null };
  const home = toyHome(target.env, id);
  function* content(): Generator<string> {
    yield jsonLine(head);
    for (const entry of session.entries()) yield jsonLine(record(entry));
  }
  const thread = { table: 'threads', key: ['id'], database };
  const values = { id: sessionId, path, title: target.title ?? null, cwd: target.cwd, unknown_column: 1 };
  const plan: WritePlan = {
    agent: id,
    sessionId,
    ref: store === 'rows' ? { path: database, key: sessionId } : { path },
    files: [],
    lines: [],
    members: [],
    rows: () => [],
  };
  if (store === 'import') {
    plan.ref = { path: join(folder, `${sessionId}.jsonl`) };
    plan.import = {
      argv: ['node', importer, 'import', '{file}', folder],
      cwd: target.cwd,
      input: content,
      inputName: keepsId ? `${sessionId}.jsonl` : 'session.jsonl',
      sessionId: keepsId ? undefined : (stdout) => /imported (\S+)/.exec(stdout)?.[1],
      undo: ['node', importer, 'delete', '{id}', folder],
    };
    return plan;
  }
  if (store === 'rows') {
    plan.rows = () => [
      { ...thread, values },
      ...Array.from(content(), (body, n) => ({
        database,
        table: 'records',
        key: ['thread', 'n'],
        values: { thread: sessionId, n, body },
      })),
    ];
    return plan;
  }
  plan.files = [
    { path, content },
    { path: join(home, 'meta', sessionId, 'info.json'), content: () => [JSON.stringify(head)], mode: 0o644 },
  ];
  plan.lines = [{ path: join(home, 'history.jsonl'), line: JSON.stringify({ id: sessionId }) }];
  plan.members = [
    {
      path: join(home, 'index.json'),
      at: ['sessions'],
      key: sessionId,
      value: { path },
      create: { sessions: {} },
    },
    { path: join(home, 'recent.json'), at: [], end: 'first', value: sessionId, create: [] },
  ];
  plan.rows = () => (existsSync(database) ? [{ ...thread, values }] : []);
  return plan;
}

function record(entry: Entry): JsonValue {
  if (entry.type === 'compaction')
    return { type: 'cut', id: entry.id, summary: entry.summary, keeps: entry.keeps };
  if (entry.type !== 'message') return { type: 'note' };
  return {
    type: 'message',
    id: entry.id,
    role: entry.role,
    parts: entry.parts.map((part): JsonValue => {
      if (part.type === 'tool_call') return { type: 'call', id: part.callId, ...part.native };
      if (part.type === 'tool_result') {
        return { type: 'result', id: part.callId, status: part.status, content: part.content as never };
      }
      return { ...part } as never;
    }),
  };
}

function parseSession(agent: string, ref: SessionRef, lines: string[]): Session {
  const head = parseObject(lines[0] ?? '');
  if (head?.type !== 'head') throw new SegueError('not-a-session', `${ref.path} is not a toy session`);
  const cwd = asString(head.cwd);
  const diagnostics: Session['diagnostics'] = [];
  return {
    info: { agent, id: ref.id, title: asString(head.title), cwd, models: [], lineage: [] },
    *entries() {
      const names = new Map<string, string>();
      for (const [n, line] of lines.slice(1).entries()) {
        const entry = parseEntry(parseObject(line), n, cwd, names);
        if (entry === undefined)
          diagnostics.push({ code: 'bad-record', message: `line ${n + 2}`, path: ref.path });
        else yield entry;
      }
    },
    branches: [],
    subagents: [],
    diagnostics,
  };
}

function parseEntry(
  line: JsonObject | undefined,
  n: number,
  cwd: string | undefined,
  names: Map<string, string>,
): Entry | undefined {
  const base = { id: asString(line?.id) ?? `n${n}`, parentId: null, evidence: [] };
  if (line?.type === 'cut') {
    const keeps = (asArray(line.keeps) ?? []).filter((id) => typeof id === 'string');
    return { ...base, type: 'compaction', summary: asString(line.summary) ?? '', keeps };
  }
  if (line?.type !== 'message') return undefined;
  const role = line.role === 'assistant' ? 'assistant' : 'user';
  const parts = (asArray(line.parts) ?? []).map((part) => parsePart(asObject(part) ?? {}, cwd, names));
  const origin: MessageEntry['origin'] =
    role === 'assistant' || parts.every((part) => part.type === 'tool_result') ? 'agent' : 'human';
  return { ...base, type: 'message', role, origin, parts };
}

function parsePart(part: JsonObject, cwd: string | undefined, names: Map<string, string>): Part {
  const callId = asString(part.id) ?? '';
  if (part.type === 'call') {
    const native = { name: asString(part.name) ?? '', input: part.input ?? null };
    names.set(callId, native.name);
    return { type: 'tool_call', callId, native, ...tools.read(native, cwd) };
  }
  if (part.type !== 'result') return part as never;
  const result: ToolResultPart = {
    type: 'tool_result',
    callId,
    status: part.status as ToolResultPart['status'],
    content: part.content as never,
  };
  return names.get(callId) === 'sh' ? unwrap(result) : result;
}

/** The exit code stands as the first line of a shell result. */
function wrap(result: ToolResultPart): ResultContent[] {
  return [{ type: 'text', text: `exit ${result.exitCode ?? '-'}` }, ...result.content];
}

function unwrap(result: ToolResultPart): ToolResultPart {
  const [first, ...content] = result.content;
  const code = first?.type === 'text' ? asNumber(Number(/^exit (\d+)$/.exec(first.text)?.[1])) : undefined;
  return code === undefined ? { ...result, content } : { ...result, content, exitCode: code };
}

const tools: ToolTable = {
  read({ name, input }): ToolCall {
    const given = asObject(input) ?? {};
    const path = asString(given.file) ?? '';
    switch (name) {
      case 'sh':
        return { tool: 'execute', input: { command: asString(given.cmd) ?? '' } };
      case 'cat':
        return { tool: 'read', input: { path } };
      case 'put':
        return { tool: 'write', input: { path, content: asString(given.text) ?? '' } };
      case 'swap': {
        const [oldText, newText] = [asString(given.old) ?? '', asString(given.new) ?? ''];
        return { tool: 'edit', input: { path, edits: [{ oldText, newText }] } };
      }
      default:
        return { tool: 'other', input: { name, input } };
    }
  },
  write(call): NativeCall[] | undefined {
    switch (call.tool) {
      case 'execute':
        return [{ name: 'sh', input: { cmd: call.input.command } }];
      case 'read':
        return [{ name: 'cat', input: { file: call.input.path } }];
      case 'write':
        return [{ name: 'put', input: { file: call.input.path, text: call.input.content } }];
      case 'edit':
        return call.input.edits.map(({ oldText, newText }) => ({
          name: 'swap',
          input: { file: call.input.path, old: oldText, new: newText },
        }));
      default:
        return undefined;
    }
  },
  writeResult: (call, result) => (call.native.name === 'sh' ? wrap(result) : result.content),
};

function files(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(folder, name))
    .sort();
}

function fileRef(agent: string, path: string): SessionRef {
  const { size, mtimeMs } = statSync(path);
  return { agent, id: basename(path, '.jsonl'), path, bytes: size, mtimeMs };
}

function fileLines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

function rowRefs(agent: string, path: string): SessionRef[] {
  if (!existsSync(path)) return [];
  const database = openForeign(path);
  try {
    return database
      .all('SELECT id FROM threads ORDER BY id')
      .map((row) => ({ agent, id: String(row.id), path, key: String(row.id), bytes: 0, mtimeMs: 0 }));
  } finally {
    database.close();
  }
}

function rowLines(ref: SessionRef): string[] {
  const database = openForeign(ref.path);
  try {
    return database
      .all('SELECT body FROM records WHERE thread = ? ORDER BY n', ref.key ?? '')
      .map((row) => String(row.body).trimEnd());
  } finally {
    database.close();
  }
}
