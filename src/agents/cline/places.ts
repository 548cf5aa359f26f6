/** Where Cline keeps its sessions. */
import { join, resolve } from 'node:path';
import type { Env } from '../../io/paths.ts';

/** `~/.cline/data` on every system; `CLINE_DATA_DIR` or `CLINE_DIR` move it. */
export function dataDir(env: Env): string {
  const { CLINE_DATA_DIR: data, CLINE_DIR: root } = env.vars;
  if (data) return resolve(data);
  return join(root ? resolve(root) : join(env.home, '.cline'), 'data');
}

/** One folder for each session: of the command line, and of the extension since 4.0. */
export function sessionsDir(env: Env): string {
  const custom = env.vars.CLINE_SESSION_DATA_DIR;
  return custom ? resolve(custom) : join(dataDir(env), 'sessions');
}

const EDITORS = ['Code', 'Code - Insiders', 'Cursor', 'Windsurf', 'VSCodium'];
const EXTENSION = 'saoudrizwan.claude-dev';

/** Folders with the `tasks` of the extension up to 3.x: one for each editor, and what its own rewrite took over. */
export function taskStores(env: Env): string[] {
  const editors = EDITORS.map((name) => join(configRoot(env), name, 'User'));
  const remote = join(env.home, '.vscode-server', 'data', 'User');
  const stores = [...editors, remote].map((user) => join(user, 'globalStorage', EXTENSION));
  return [dataDir(env), ...stores];
}

function configRoot(env: Env): string {
  if (env.platform === 'win32') return env.vars.APPDATA ?? join(env.home, 'AppData', 'Roaming');
  if (env.platform === 'darwin') return join(env.home, 'Library', 'Application Support');
  return env.vars.XDG_CONFIG_HOME || join(env.home, '.config');
}

/** End of the name of a file with messages: `<session id>.messages.json`. */
export const MESSAGES = '.messages.json';

/** The messages of a task, in the older store. */
export const TASK_MESSAGES = 'api_conversation_history.json';
