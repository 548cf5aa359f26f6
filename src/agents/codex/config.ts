/** The two settings of `config.toml` that decide where a session is indexed and listed. */
import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Env } from '../../io/paths.ts';
import { systemCode } from '../../model/errors.ts';

export interface CodexConfig {
  /** Id of the active model provider; Codex's default is `openai`. */
  provider: string;
  /** Folder of the SQLite files. */
  sqliteHome: string;
}

/**
 * Reads `model_provider` and `sqlite_home` (top level) from `config.toml`, without a TOML library: other settings,
 * profiles and command-line overrides are not seen. `CODEX_SQLITE_HOME` wins over the file.
 */
export function readConfig(home: string, env: Env): CodexConfig {
  const text = readText(join(home, 'config.toml'));
  const top = text.slice(0, /^[ \t]*\[/m.exec(text)?.index ?? text.length);
  const folder = env.vars.CODEX_SQLITE_HOME || setting(top, 'sqlite_home') || home;
  return {
    provider: setting(top, 'model_provider') ?? 'openai',
    sqliteHome: isAbsolute(folder) ? folder : resolve(home, folder),
  };
}

function setting(toml: string, key: string): string | undefined {
  const match = new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*(?:"([^"\\\\\\n]*)"|'([^'\\n]*)')`, 'm').exec(toml);
  return match?.[1] ?? match?.[2];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    void systemCode(error); // no readable configuration: the defaults hold
    return '';
  }
}
