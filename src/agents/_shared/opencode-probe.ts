/** Facts about the store of OpenCode and its forks that a written session depends on: model, version. Read-only. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Env } from '../../io/paths.ts';
import { SegueError } from '../../model/errors.ts';
import { asArray, asObject, asText, parseObject } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import type { StoreFacts } from '../contract.ts';
import { withDatabase } from './opencode-database.ts';
import type { Family } from './opencode-family.ts';
import { configFiles, databasePath, modelStateFile, storageFolder } from './opencode-places.ts';
import { modelName } from './opencode-source.ts';

/** Served by the program's own provider to everybody; stands in where nothing tells which model the user has. */
export const FALLBACK_MODEL = 'opencode/big-pickle';

/**
 * `model`: what the program would start with here (its own order: configuration, the model chosen last), else what the
 * newest session used; a session whose last prompt names a model that the user does not have cannot be resumed without
 * `-m`. `version`: what wrote the newest session.
 */
export function probe(family: Family, env: Env, cwd: string): StoreFacts {
  const path = databasePath(family, env);
  if (path !== undefined && !existsSync(path) && existsSync(join(storageFolder(family, env), 'session')))
    throw new SegueError('no-writer', `${family.name} keeps its sessions here as version 1.1 and older did`, {
      hint: `update ${family.name}, start it once, and try again`,
    });
  if (path === undefined)
    throw new SegueError('no-writer', `${family.name} keeps its sessions in memory only`, {
      hint: `${family.envPrefix}_DB is set to :memory:`,
    });
  const newest = newestSession(family, env);
  const model = configuredModel(family, env, cwd) ?? chosenModel(family, env) ?? newest.model;
  return {
    ...(model === undefined ? {} : { model }),
    ...(newest.version === undefined ? {} : { version: newest.version }),
  };
}

function configuredModel(family: Family, env: Env, cwd: string): string | undefined {
  const inline = env.vars[`${family.envPrefix}_CONFIG_CONTENT`];
  if (inline) {
    const model = asText(parseObject(plainJson(inline))?.model);
    if (model !== undefined) return model;
  }
  for (const file of configFiles(family, env, projectFolders(cwd))) {
    const model = asText(readJson(file)?.model);
    if (model?.includes('/') === true) return model;
  }
  return undefined;
}

/** The directory and its parents up to the repository's root; only the directory where there is no repository. */
function projectFolders(cwd: string): string[] {
  const folders: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    folders.push(folder);
    if (existsSync(join(folder, '.git'))) return folders;
    if (dirname(folder) === folder) return [cwd];
  }
}

function chosenModel(family: Family, env: Env): string | undefined {
  const recent = asArray(readJson(modelStateFile(family, env))?.recent);
  const name = modelName(asObject(recent?.[0]));
  return name?.includes('/') === true ? name : undefined;
}

function newestSession(family: Family, env: Env): { model?: string; version?: string } {
  const path = databasePath(family, env);
  if (path === undefined || !existsSync(path)) return {};
  try {
    return withDatabase(path, (database) => {
      const columns = new Set(database.columns('session'));
      if (!columns.has('version')) return {};
      const model = columns.has('model') ? 'model' : 'NULL AS model';
      const row = database.get(`SELECT version, ${model} FROM session ORDER BY time_updated DESC LIMIT 1`);
      const stored = typeof row?.model === 'string' ? parseObject(row.model) : undefined;
      return { version: asText(row?.version), model: modelName(stored) };
    });
  } catch (error) {
    throw new SegueError('unreadable', `cannot read ${path}`, { cause: error });
  }
}

function readJson(file: string): JsonObject | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return parseObject(plainJson(readFileSync(file, 'utf8')));
  } catch (error) {
    // a configuration that cannot be read names no model
    void error;
    return undefined;
  }
}

/** JSON with comments and trailing commas → JSON. Strings are left as they are. */
export function plainJson(text: string): string {
  return text
    .replace(
      /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
      (_all, string: string | undefined) => string ?? '',
    )
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_all, string: string | undefined) => string ?? '');
}
