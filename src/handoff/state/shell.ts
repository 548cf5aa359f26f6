/** What plain shell commands do to files, where the command line says it without doubt. */

export type FileAction =
  | { action: 'remove'; path: string }
  | { action: 'remove-folder'; path: string }
  | { action: 'move'; from: string; to: string }
  /** Back to the last commit; no path means everything. */
  | { action: 'restore'; path?: string }
  | { action: 'commit' };

/** File actions of a command that succeeded, in order. Patterns, variables and here-documents are left alone. */
export function fileActions(command: string): FileAction[] {
  if (!/rm|mv|git/.test(command)) return []; // none of the programs that are known
  if (command.length > 4000 || command.includes('<<') || /(["'])[^"']*[;&\n][^"']*\1/.test(command))
    return [];
  const found: FileAction[] = [];
  let folder = '';
  for (const step of command.split(/\s*(?:&&|;|\n)\s*/)) {
    const words = step
      .trim()
      .replace(/\s+2>(?:&1|\/dev\/null)/g, '')
      .split(/\s+/)
      .map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
    if (words[0] === 'cd' && words[1] !== undefined) folder = inFolder(folder, words[1]);
    else if (!/[|<>$`*?{}()]/.test(words.join(' '))) found.push(...actionsOf(words, folder));
  }
  return found;
}

function inFolder(folder: string, path: string): string {
  return path.startsWith('/') || folder === '' ? path : `${folder}/${path}`;
}

function actionsOf(words: string[], folder: string): FileAction[] {
  const git = words[0] === 'git';
  const [verb, ...rest] = git ? words.slice(1) : words;
  const paths = (list: string[]): string[] =>
    list.filter((word) => !word.startsWith('-')).map((path) => inFolder(folder, path));
  const restored = (list: string[]): FileAction[] =>
    list.includes('.') ? [{ action: 'restore' }] : paths(list).map((path) => ({ action: 'restore', path }));
  switch (verb) {
    case 'rm': {
      const action = rest.some((word) => /^-\w*r/i.test(word)) ? 'remove-folder' : 'remove';
      return rest.includes('--cached') ? [] : paths(rest).map((path) => ({ action, path }));
    }
    case 'mv': {
      const [from, to, more] = paths(rest);
      // into a folder: the new name is not said
      if (from === undefined || to === undefined || more !== undefined || to.endsWith('/')) return [];
      return [{ action: 'move', from, to }];
    }
    case 'restore':
      return git && !rest.includes('--staged') ? restored(rest) : [];
    case 'checkout':
      if (git && rest.includes('--')) return restored(rest.slice(rest.indexOf('--') + 1));
      return git && rest.length === 1 && rest[0] === '.' ? [{ action: 'restore' }] : [];
    case 'reset':
      return git && rest.length === 1 && rest[0] === '--hard' ? [{ action: 'restore' }] : [];
    case 'commit':
      return git ? [{ action: 'commit' }] : [];
    default:
      return [];
  }
}
