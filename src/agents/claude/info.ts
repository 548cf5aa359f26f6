/** Facts about a session as a whole: its title, models, times, tokens, lineage. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../model/errors.ts';
import { parseObject } from '../../model/narrow.ts';
import type { Lineage, SessionInfo, Timestamp, Usage } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import { entries, type Source } from './entries.ts';
import { answeringModel } from './models.ts';
import type { Chain } from './path.ts';
import { sessionFolder } from './places.ts';

const TITLE_LENGTH = 120;

/** Facts about a session whose chain is known. */
export function info(source: Source, chain: Chain): SessionInfo {
  const { facts } = source.skeleton;
  const models = new Set<string>();
  let from: Timestamp | undefined;
  let to: Timestamp | undefined;
  for (const { kind, model, time } of source.nodes) {
    const answering = kind === 'assistant' ? answeringModel(model) : undefined;
    if (answering !== undefined) models.add(answering);
    if (time === undefined) continue;
    // all in one form, so that their order is that of text
    if (from === undefined || time < from) from = time;
    if (to === undefined || time > to) to = time;
  }
  const title = source.parent === undefined ? titleOf(source, chain) : firstPrompt(source, chain);
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

function titleOf(source: Source, chain: Chain): string | undefined {
  const { customTitle, aiTitle, summary } = source.skeleton.facts;
  const title = customTitle ?? titleFile(source.path) ?? aiTitle ?? summary;
  return title === undefined ? firstPrompt(source, chain) : oneLine(title, TITLE_LENGTH);
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

function firstPrompt(source: Source, chain: Chain): string | undefined {
  for (const entry of entries(source, chain, 'prompts')) {
    if (entry.type !== 'message' || entry.origin !== 'human') continue;
    for (const part of entry.parts) {
      const line = part.type === 'text' ? oneLine(part.text, TITLE_LENGTH) : '';
      if (line !== '') return line;
    }
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
