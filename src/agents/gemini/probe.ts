/** What writing depends on in Gemini CLI's store: which folder belongs to the project. Read-only. */
import { join } from 'node:path';
import type { Env } from '../../io/paths.ts';
import { list } from '../../io/walk.ts';
import type { StoreFacts } from '../contract.ts';
import { geminiDir, projectKey, projectRoot, registry } from './places.ts';

/** The two folders that hold one folder for each project, with an ownership marker in each. */
const BASES = ['tmp', 'history'];

/**
 * Finds the project's folder name in the agent's own order (read in source, measured): the one in `projects.json` unless
 * a marker contradicts it, else a folder whose marker names the project, else the first free name.
 */
export function probe(env: Env, cwd: string): StoreFacts {
  const path = projectKey(cwd, env);
  const known = registry(env);
  const registered = known.get(path);
  const bases = BASES.map((base) => join(geminiDir(env), base));
  const owned = registered !== undefined && isFree(bases, registered, path, env) ? registered : undefined;
  const slug = owned ?? ownFolder(bases, path, env) ?? newName(bases, path, new Set(known.values()), env);
  return {
    slug,
    /** Markers that are missing; existing ones are never written again. */
    markers: BASES.filter((_, n) => projectRoot(join(bases[n] ?? '', slug)) === undefined),
    /** An entry for the path exists; a wrong one is the agent's to correct, which it does by the markers. */
    registered: registered !== undefined,
  };
}

/** No marker says that the folder is another project's. */
function isFree(bases: string[], slug: string, path: string, env: Env): boolean {
  return bases.every((base) => {
    const marker = projectRoot(join(base, slug));
    return marker === undefined || (marker !== 'unreadable' && projectKey(marker.path, env) === path);
  });
}

function ownFolder(bases: string[], path: string, env: Env): string | undefined {
  for (const base of bases) {
    for (const item of list(base, [])) {
      const marker = item.isDirectory() ? projectRoot(join(base, item.name)) : undefined;
      if (
        typeof marker === 'object' &&
        projectKey(marker.path, env) === path &&
        isFree(bases, item.name, path, env)
      )
        return item.name;
    }
  }
  return undefined;
}

function newName(bases: string[], path: string, taken: Set<string>, env: Env): string {
  const base = slugOf(path);
  for (let n = 0; ; n++) {
    const slug = n === 0 ? base : `${base}-${n}`;
    if (!taken.has(slug) && isFree(bases, slug, path, env)) return slug;
  }
}

/** The last segment of a path in lower case; everything but letters and digits becomes `-`. */
export function slugOf(path: string): string {
  const name =
    path
      .split(/[\\/]/)
      .filter((part) => part !== '')
      .at(-1) ?? '';
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '');
  return slug === '' ? 'project' : slug;
}
