/** What Kimi Code keeps beside a session's wire files. */
import { basename, dirname, join } from 'node:path';
import { readJsonFile } from '../../io/json-file.ts';
import { asObject, asText, asTimestamp } from '../../model/narrow.ts';
import type { Lineage, Timestamp } from '../../model/session.ts';
import { sessionFolder } from './places.ts';

/** Facts of a session; `state.json` may be missing, empty or damaged. */
export interface SessionState {
  title: string | undefined;
  cwd: string | undefined;
  createdAt: Timestamp | undefined;
  updatedAt: Timestamp | undefined;
  archived: boolean;
  lineage: Lineage[];
}

/** Member of `custom` in which a transferred session names its source. */
export const PROVENANCE = 'segue';

export function readState(wirePath: string): SessionState {
  const folder = sessionFolder(wirePath);
  const state = asObject(readJsonFile(join(folder, 'state.json'))) ?? {};
  const forkedFrom = asText(state.forkedFrom);
  const source = asObject(asObject(state.custom)?.[PROVENANCE]);
  const agent = asText(source?.agent);
  const id = asText(source?.id);
  const lineage: Lineage[] = [];
  if (forkedFrom !== undefined) lineage.push({ kind: 'fork', agent: 'kimi', id: forkedFrom });
  if (agent !== undefined && id !== undefined) lineage.push({ kind: 'transplant', agent, id });
  return {
    title: asText(state.title),
    cwd: asText(state.cwd) ?? workspaceRoot(folder),
    createdAt: asTimestamp(state.createdAt),
    updatedAt: asTimestamp(state.updatedAt),
    archived: state.archived === true,
    lineage,
  };
}

/** The directory of a workspace, from the registry. */
function workspaceRoot(folder: string): string | undefined {
  const workspace = dirname(folder);
  const registry = asObject(readJsonFile(join(dirname(dirname(workspace)), 'workspaces.json')));
  return asText(asObject(asObject(registry?.workspaces)?.[basename(workspace)])?.root);
}

/** What kimi-cli keeps beside a context file. */
export function readLegacyState(contextPath: string): { title: string | undefined; archived: boolean } {
  const state = asObject(readJsonFile(join(dirname(contextPath), 'state.json'))) ?? {};
  return { title: asText(state.custom_title), archived: state.archived === true };
}
