/** Facts about a session as a whole: its title, models, times, tokens, lineage. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../model/errors.ts';
import { parseObject } from '../../model/narrow.ts';
import type { Lineage, SessionInfo, Timestamp, Usage } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import type { Source } from './entries.ts';
import { answeringModel } from './models.ts';
import { sessionFolder } from './places.ts';
import type { Draft } from './records.ts';
import type { Node } from './skeleton.ts';

const TITLE_LENGTH = 120;

/** What the records of a conversation say together. */
export interface Course {
  models: Set<string>;
  /** Times of the first and the last record. */
  from: Timestamp | undefined;
  to: Timestamp | undefined;
}

export function emptyCourse(): Course {
  return { models: new Set(), from: undefined, to: undefined };
}

export function addToCourse(course: Course, { kind, model, time }: Node): void {
  const answering = kind === 'assistant' ? answeringModel(model) : undefined;
  if (answering !== undefined) course.models.add(answering);
  if (time === undefined) return;
  // all in one form, so that their order is that of text
  if (course.from === undefined || time < course.from) course.from = time;
  if (course.to === undefined || time > course.to) course.to = time;
}

/** Facts about a session. `firstLine`: that of the first prompt, asked for when nothing else is a title. */
export function info(
  source: Source,
  { models, from, to }: Course,
  firstLine: () => string | undefined,
): SessionInfo {
  const { facts } = source.skeleton;
  const title = source.parent === undefined ? titleOf(source, firstLine) : firstLine();
  const result: SessionInfo = {
    agent: 'claude',
    id: source.id,
    models: [...models],
    lineage: lineage(source),
  };
  if (title !== undefined) result.title = title;
  if (facts.cwd !== undefined) result.cwd = facts.cwd;
  if (facts.gitBranch !== undefined) result.git = { branch: facts.gitBranch };
  if (facts.version !== undefined) result.agentVersion = facts.version;
  const usage = totalUsage(source);
  if (usage !== undefined) result.usage = usage;
  if (from !== undefined) result.createdAt = from;
  if (to !== undefined) result.updatedAt = to;
  return result;
}

function lineage(source: Source): Lineage[] {
  const { forkedFrom } = source.skeleton.facts;
  if (source.parent !== undefined) return [{ kind: 'subagent', agent: 'claude', id: source.parent }];
  return forkedFrom === undefined ? [] : [{ kind: 'fork', agent: 'claude', id: forkedFrom }];
}

function titleOf(source: Source, firstLine: () => string | undefined): string | undefined {
  const { customTitle, aiTitle, summary } = source.skeleton.facts;
  const title = customTitle ?? titleFile(source.path) ?? aiTitle ?? summary;
  return title === undefined ? firstLine() : oneLine(title, TITLE_LENGTH);
}

/** The title that `/rename` keeps beside the transcript. */
export function titleFile(path: string): string | undefined {
  const file = join(sessionFolder(path), 'custom-title.json');
  try {
    if (statSync(file).size > 64 << 10) return undefined;
    const title = parseObject(readFileSync(file, 'utf8'))?.customTitle;
    return typeof title === 'string' && title !== '' ? title : undefined;
  } catch (error) {
    // most sessions have none
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

/** The first line of what a person said; undefined when the entry is something else. */
export function promptLine(entry: Draft): string | undefined {
  if (entry.type !== 'message' || entry.origin !== 'human') return undefined;
  for (const part of entry.parts) {
    const line = part.type === 'text' ? oneLine(part.text, TITLE_LENGTH) : '';
    if (line !== '') return line;
  }
  return undefined;
}

/** Tokens of the whole file, abandoned branches included: they were used. Once per response. */
function totalUsage({ nodes, skeleton }: Source): Usage | undefined {
  if (skeleton.usage.size === 0) return undefined;
  const total: Usage = {};
  const responses = new Set(
    nodes.flatMap((node) => (node.kind === 'assistant' ? (node.messageId ?? []) : [])),
  );
  for (const id of responses) {
    const usage = skeleton.usage.get(id) ?? {};
    for (const key of ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const) {
      const count = usage[key];
      if (count !== undefined) total[key] = (total[key] ?? 0) + count;
    }
  }
  return Object.keys(total).length === 0 ? undefined : total;
}
