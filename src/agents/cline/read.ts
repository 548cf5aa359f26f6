/** Cline's files of messages → sessions. */
import { basename, dirname, join } from 'node:path';
import { listNames } from '../../io/files.ts';
import { checksum } from '../../io/lines.ts';
import { SegueError } from '../../model/errors.ts';
import { asNumber, asObject, asText, asTimestamp, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, Entry, JsonObject, Session, SessionInfo } from '../../model/session.ts';
import { type ClineDialect, type ClineReading, messageEntries } from '../_shared/cline-messages.ts';
import { type MessageFile, readMessageFile } from '../_shared/cline-store.ts';
import { xmlTurner } from '../_shared/cline-xml.ts';
import type { ReadContext, ReadOptions, SessionRef } from '../contract.ts';
import { readManifest } from './manifest.ts';
import { MESSAGES, TASK_MESSAGES } from './places.ts';
import { outcome } from './results.ts';
import { said, saidInTask } from './said.ts';
import { taskFacts } from './task.ts';
import { tools } from './tools.ts';

const session: ClineDialect = { agent: 'cline', tools, said, outcome };
const task: ClineDialect = { ...session, said: saidInTask };

export function read(ref: SessionRef, _context: ReadContext, options: ReadOptions = {}): Session {
  const file = readMessageFile(ref.path);
  if (options.branch !== undefined)
    throw new SegueError('session-not-found', `${ref.path} has no branch "${options.branch}"`);
  const isTask = basename(ref.path) === TASK_MESSAGES;
  const info = isTask ? taskInfo(ref, file) : sessionInfo(ref, file);
  const opened = openSession(ref.path, file, info, isTask ? task : session);
  if (!isTask) opened.subagents.push(...subagents(ref, info, opened.diagnostics));
  return opened;
}

function openSession(path: string, file: MessageFile, info: SessionInfo, dialect: ClineDialect): Session {
  const diagnostics: Diagnostic[] = [];
  if (file.torn) diagnostics.push({ code: 'torn-record', message: 'the file is cut off', path });
  const known = new Set<string>();
  const sink = {
    push(diagnostic: Diagnostic) {
      const key = JSON.stringify(diagnostic);
      if (!known.has(key)) diagnostics.push(diagnostic);
      known.add(key);
    },
  };
  return {
    info,
    // the file is rewritten as a whole while the agent works: each pass reads it anew
    entries: () => entriesOf(path, info.cwd, dialect, sink),
    branches: [],
    subagents: [],
    diagnostics,
  };
}

function* entriesOf(
  path: string,
  cwd: string | undefined,
  dialect: ClineDialect,
  diagnostics: ClineReading['diagnostics'],
): Generator<Entry, void, void> {
  const { buffer, items, pointer } = readMessageFile(path);
  const reading: ClineReading = { dialect, path, cwd, diagnostics, calls: new Map(), callIds: new Set() };
  const turn = dialect === task ? xmlTurner() : (message: JsonObject): JsonObject => message;
  const used = new Set<string>();
  let parentId: string | null = null;
  for (const [n, { start, end }] of items.entries()) {
    const bytes = buffer.subarray(start, end);
    const message = parseObject(bytes.toString('utf8'));
    if (message === undefined) {
      diagnostics.push({ code: 'bad-record', message: 'a message is not an object', path, at: n });
      continue;
    }
    const place = `${pointer}/${n}`;
    const evidence = { kind: 'pointer' as const, path, pointer: place, crc32: checksum(bytes) };
    for (const entry of messageEntries(turn(message), n, evidence, reading)) {
      let { id } = entry;
      for (let k = 2; used.has(id); k++) id = `${entry.id}~${k}`;
      used.add(id);
      yield { ...entry, id, parentId };
      parentId = id;
    }
  }
}

function sessionInfo(ref: SessionRef, file: MessageFile): SessionInfo {
  const manifest = readManifest(ref.path);
  const { models, last } = modelsAndTime(file);
  const { source } = manifest;
  return {
    agent: 'cline',
    id: ref.id,
    title: manifest.title ?? manifest.prompt,
    cwd: manifest.cwd,
    ...(manifest.branch === undefined ? {} : { git: { branch: manifest.branch } }),
    models,
    usage: manifest.usage,
    createdAt: manifest.createdAt ?? idTime(ref.id),
    updatedAt: last ?? manifest.updatedAt ?? asTimestamp(file.facts.updated_at) ?? asTimestamp(ref.mtimeMs),
    agentVersion: manifest.version,
    lineage: source === undefined ? [] : [{ kind: 'transplant', ...source }],
  };
}

function taskInfo(ref: SessionRef, file: MessageFile): SessionInfo {
  const facts = taskFacts(ref.path);
  const { models, last } = modelsAndTime(file);
  return {
    agent: 'cline',
    id: ref.id,
    title: facts.title,
    cwd: facts.cwd,
    models: models.length > 0 || facts.model === undefined ? models : [facts.model],
    usage: facts.usage,
    createdAt: facts.createdAt,
    updatedAt: last ?? asTimestamp(ref.mtimeMs),
    lineage: [],
  };
}

/** A session's id starts with the time at which it was made. */
function idTime(id: string): string | undefined {
  const ms = /^(\d{13})_/.exec(id)?.[1];
  return ms === undefined ? undefined : asTimestamp(Number(ms));
}

/** Models in order of first use, and the time of the last message. Only messages that name a model are parsed. */
function modelsAndTime({ buffer, items }: MessageFile): { models: string[]; last?: string } {
  const models = new Set<string>();
  for (const { start, end } of items) {
    if (buffer.subarray(start, end).indexOf('"modelInfo"') < 0) continue;
    const message = parseObject(buffer.toString('utf8', start, end));
    const model = asText(asObject(message?.modelInfo)?.id);
    if (model !== undefined && asObject(message?.metadata)?.displayOnly !== true) models.add(model);
  }
  const end = items.at(-1);
  const message = end === undefined ? undefined : parseObject(buffer.toString('utf8', end.start, end.end));
  return { models: [...models], last: asTimestamp(asNumber(message?.ts)) };
}

/** Files of messages beside the session's own: `<agent id>.messages.json`. */
function subagents(ref: SessionRef, parent: SessionInfo, diagnostics: Diagnostic[]): Session[] {
  const folder = dirname(ref.path);
  const names = listNames(folder).filter((name) => name.endsWith(MESSAGES) && name !== basename(ref.path));
  return names.flatMap((name): Session[] => {
    const path = join(folder, name);
    try {
      const file = readMessageFile(path);
      const { models, last } = modelsAndTime(file);
      const info: SessionInfo = {
        agent: 'cline',
        id: asText(file.facts.sessionId) ?? name.slice(0, -MESSAGES.length),
        cwd: parent.cwd,
        models,
        updatedAt: last ?? asTimestamp(file.facts.updated_at),
        agentVersion: parent.agentVersion,
        lineage: [{ kind: 'subagent', agent: 'cline', id: parent.id }],
      };
      return [openSession(path, file, info, session)];
    } catch (error) {
      if (!(error instanceof SegueError)) throw error;
      diagnostics.push({ code: 'unreadable', message: "a subagent's messages cannot be read", path });
      return [];
    }
  });
}
