/** Reads configuration files and says where each effective value comes from. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type HandoffOptions, type Preset, presetNames, presets } from '../handoff/options.ts';
import { configDir, type Env } from '../io/paths.ts';
import { SegueError, systemCode } from '../model/errors.ts';
import { keys } from './keys.ts';
import type { ConfigFile, ConfigValue, Setting } from './parse.ts';

/** An effective value and its origin: `default`, `preset NAME`, `FILE:LINE` or `flag`. */
export interface Effective {
  key: string;
  value: ConfigValue;
  origin: string;
  /** Why a file's value has no effect. */
  ignored?: string;
}

export interface Config {
  handoff: HandoffOptions;
  redact: boolean;
  effective: Effective[];
  files: string[];
}

/** Values given on the command line; they win over files. */
export type Flags = Partial<Record<'preset' | 'budget' | 'redact', ConfigValue>>;

/**
 * Configuration for a directory: `.segue.yml` (or `.continues.yml`) there or in the nearest folder above, then the
 * user's file (`SEGUE_CONFIG`, else `config.yml` in the configuration folder, else `~/.continues/config.yml`).
 * Throws `bad-config` with file, line and the nearest valid key.
 */
export async function loadConfig(env: Env, cwd: string, flags: Flags = {}, target?: string): Promise<Config> {
  const user = await readOptional(userFile(env), 'user');
  const project = await readOptional(projectFile(env, cwd), 'project');
  const files = [user, project].filter((file) => file !== undefined);
  const layers = files.flatMap((file) => [
    ...file.settings.map((setting) => ({ setting, scope: file.scope })),
  ]);
  if (target !== undefined) {
    for (const file of files)
      for (const setting of file.targets.get(target) ?? []) layers.push({ setting, scope: file.scope });
  }

  const presetSetting = layers.findLast(({ setting }) => setting.key === 'preset');
  const name = (flags.preset ?? presetSetting?.setting.value ?? 'standard') as Preset;
  if (!presetNames.includes(name)) {
    throw new SegueError('bad-usage', `unknown preset "${name}"`, {
      hint: `presets: ${presetNames.join(', ')}`,
    });
  }
  const handoff = structuredClone(presets[name]);
  let redact = true;
  const effective = new Map<string, Effective>();
  for (const key of Object.keys(keys).filter((k) => !keys[k]?.idle && !keys[k]?.alias && k !== 'redact')) {
    effective.set(key, { key, value: valueAt(handoff, key), origin: `preset ${name}` });
  }
  effective.set('preset', {
    key: 'preset',
    value: name,
    origin:
      flags.preset !== undefined
        ? 'flag'
        : presetSetting === undefined
          ? 'default'
          : place(presetSetting.setting),
  });
  effective.set('redact', { key: 'redact', value: true, origin: 'default' });

  for (const { setting, scope } of layers) {
    const key = keys[setting.key]?.alias ?? setting.key;
    if (key === 'preset') continue;
    if (keys[key]?.idle) {
      effective.set(key, { key, value: setting.value, origin: place(setting), ignored: keys[key]?.about });
    } else if (key === 'redact') {
      if (setting.value === false && scope === 'project') {
        const known = effective.get('redact');
        if (known)
          known.ignored = `${place(setting)} sets false: only the user's own file or --no-redact may`;
        continue;
      }
      redact = setting.value === true;
      effective.set(key, { key, value: setting.value, origin: place(setting) });
    } else {
      setAt(handoff, key, setting.value);
      effective.set(key, { key, value: setting.value, origin: place(setting) });
    }
  }
  if (flags.budget !== undefined) {
    handoff.budget = Number(flags.budget);
    effective.set('budget', { key: 'budget', value: flags.budget, origin: 'flag' });
  }
  if (flags.redact !== undefined) {
    redact = flags.redact === true;
    effective.set('redact', { key: 'redact', value: redact, origin: 'flag' });
  }
  return { handoff, redact, effective: [...effective.values()], files: files.map((file) => file.path) };
}

function place(setting: Setting): string {
  return `${setting.file}:${setting.line}`;
}

function userFile(env: Env): string | undefined {
  if (env.vars.SEGUE_CONFIG) return resolve(env.vars.SEGUE_CONFIG);
  return [join(configDir(env), 'config.yml'), join(env.home, '.continues', 'config.yml')].find((path) =>
    existsSync(path),
  );
}

function projectFile(env: Env, cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    for (const name of ['.segue.yml', '.continues.yml']) {
      if (existsSync(join(folder, name))) return join(folder, name);
    }
    if (folder === env.home || dirname(folder) === folder) return undefined;
  }
}

async function readOptional(
  path: string | undefined,
  scope: ConfigFile['scope'],
): Promise<(ConfigFile & { path: string }) | undefined> {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SegueError('bad-config', `cannot read ${path} (${systemCode(error) ?? 'error'})`, {
      cause: error,
    });
  }
  // most have no such file, and a parser of YAML takes its time to load
  const { parseConfig } = await import('./parse.ts');
  return { path, ...parseConfig(text, path, scope) };
}

function valueAt(options: HandoffOptions, key: string): ConfigValue {
  let at: unknown = options;
  for (const name of key.split('.')) at = (at as Record<string, unknown>)[name];
  return at as ConfigValue;
}

function setAt(options: HandoffOptions, key: string, value: ConfigValue): void {
  const path = key.split('.');
  const last = path.pop() ?? '';
  let at: Record<string, unknown> = options as unknown as Record<string, unknown>;
  for (const name of path) at = at[name] as Record<string, unknown>;
  at[last] = value;
}
