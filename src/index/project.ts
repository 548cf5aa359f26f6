/** What belongs to the project that a directory is part of: its worktrees and its remote. Reads git's files, runs nothing. */
import { dirname, join, resolve } from 'node:path';
import { listNames, readTextFile } from '../io/files.ts';
import { realDir } from '../io/paths.ts';

export interface Project {
  /** Real path of the directory asked about. */
  cwd: string;
  /** Roots of the repository's working trees, this one first; the directory itself when it is in no repository. */
  roots: string[];
  /** `owner/name` of its remote. */
  repo?: string;
}

/** Looks upward from `cwd` for a repository. */
export function findProject(cwd: string): Project {
  const real = realDir(cwd);
  for (let folder = real; ; folder = dirname(folder)) {
    const common = commonGitDir(join(folder, '.git'));
    if (common !== undefined) {
      const roots = [folder, dirname(common), ...linkedWorktrees(common)];
      return { cwd: real, roots: [...new Set(roots)], repo: remoteOf(common) };
    }
    if (dirname(folder) === folder) return { cwd: real, roots: [real] };
  }
}

/** The repository's own folder: `.git`, or what the `.git` file of a linked worktree leads to. */
function commonGitDir(git: string): string | undefined {
  if (readTextFile(join(git, 'HEAD')) !== undefined) return git;
  const link = /^gitdir:\s*(.+)$/m.exec(readTextFile(git) ?? '')?.[1];
  if (link === undefined) return undefined;
  const own = resolve(dirname(git), link.trim());
  const common = readTextFile(join(own, 'commondir'))?.trim();
  return common === undefined ? own : resolve(own, common);
}

function linkedWorktrees(common: string): string[] {
  return listNames(join(common, 'worktrees')).flatMap((name) => {
    const git = readTextFile(join(common, 'worktrees', name, 'gitdir'))?.trim();
    return git === undefined ? [] : [dirname(git)];
  });
}

function remoteOf(common: string): string | undefined {
  const config = readTextFile(join(common, 'config')) ?? '';
  const section =
    /\[remote "origin"\]([^[]*)/.exec(config)?.[1] ?? /\[remote "[^"]+"\]([^[]*)/.exec(config)?.[1];
  const url = /^\s*url\s*=\s*(.+)$/m.exec(section ?? '')?.[1];
  return url === undefined ? undefined : repoName(url.trim());
}

/** `owner/name` of a remote: `git@host:owner/name.git`, `https://user:secret@host/owner/name` (nothing secret is kept). */
export function repoName(remote: string): string | undefined {
  const path =
    /^[^/\s]+@[^:/\s]+:(.+)$/.exec(remote)?.[1] ?? /^[a-z+]+:\/\/[^/\s]+\/(.+)$/i.exec(remote)?.[1] ?? remote;
  const names = path
    .replace(/\.git\/?$/, '')
    .split(/[/\\]/)
    .filter((name) => name !== '');
  return names.length === 0 ? undefined : names.slice(-2).join('/');
}
