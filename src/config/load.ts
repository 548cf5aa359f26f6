/** Reads configuration files and says where each effective value comes from. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { findAgentId } from '../agents/registry.ts';
import { type HandoffOptions, type Preset, presetNames, presets } from '../handoff/options.ts';
import { configDir, type Env } from '../io/paths.ts';
import { closest } from '../model/closest.ts';
import { SegueError, systemCode } from '../model/errors.ts';
import { foreignSections, type Key, keys, TARGETS } from './keys.ts';

export type ConfigValue = number | boolean | string;

/** One value as a file sets it. */
interface Setting {
  key: string;
  value: ConfigValue;
  file: string;
  line: number;
}

interface ConfigFile {
  scope: 'project' | 'user';
  settings: Setting[];
  targets: Map<string, Setting[]>;
}

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
export function loadConfig(env: Env, cwd: string, flags: Flags = {}, target?: string): Config {
  const user = readOptional(userFile(env), 'user');
  const project = readOptional(projectFile(env, cwd), 'project');
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

function readOptional(
  path: string | undefined,
  scope: ConfigFile['scope'],
): (ConfigFile & { path: string }) | undefined {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SegueError('bad-config', `cannot read ${path} (${systemCode(error) ?? 'error'})`, {
      cause: error,
    });
  }
  return { path, ...parseConfig(text, path, scope) };
}

/** Parses and checks one file. Throws `bad-config`. */
export function parseConfig(text: string, file: string, scope: ConfigFile['scope']): ConfigFile {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true });
  const problem = document.errors[0];
  if (problem !== undefined)
    throw bad(file, counter.linePos(problem.pos[0]).line, problem.message.split('\n')[0] ?? 'not YAML');
  const config: ConfigFile = { scope, settings: [], targets: new Map() };
  const { contents } = document;
  if (contents === null) return config;
  if (!isMap(contents)) throw bad(file, 1, 'the file must be a mapping of keys to values');
  const line = (node: unknown): number => counter.linePos((node as Node | null)?.range?.[0] ?? 0).line;
  for (const pair of contents.items) {
    const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
    if (foreignSections.includes(name)) continue;
    if (name === TARGETS) {
      if (!isMap(pair.value))
        throw bad(file, line(pair.key), `${TARGETS} must hold a mapping for each agent`);
      for (const target of pair.value.items) {
        const agent = String(isScalar(target.key) ? target.key.value : target.key);
        const id = findAgentId(agent);
        if (id === undefined) throw bad(file, line(target.key), `unknown agent "${agent}" under ${TARGETS}`);
        if (!isMap(target.value)) throw bad(file, line(target.key), `${TARGETS}.${agent} must be a mapping`);
        config.targets.set(id, collect(target.value, '', file, line));
      }
    } else collectPair(pair.key, pair.value, '', file, line, config.settings);
  }
  return config;
}

function collect(map: YAMLMap, prefix: string, file: string, line: (node: unknown) => number): Setting[] {
  const settings: Setting[] = [];
  for (const pair of map.items) collectPair(pair.key, pair.value, prefix, file, line, settings);
  return settings;
}

function collectPair(
  keyNode: unknown,
  value: unknown,
  prefix: string,
  file: string,
  line: (node: unknown) => number,
  settings: Setting[],
): void {
  const key = `${prefix}${String(isScalar(keyNode) ? keyNode.value : keyNode)}`;
  const known = keys[key];
  const isSection = Object.keys(keys).some((k) => k.startsWith(`${key}.`));
  if (isSection && isMap(value)) {
    settings.push(...collect(value, `${key}.`, file, line));
    return;
  }
  if (known === undefined) {
    if (isSection) throw bad(file, line(keyNode), `"${key}" must be a mapping`);
    const near = closest(key, [
      ...Object.keys(keys),
      ...new Set(Object.keys(keys).map((k) => k.split('.')[0] ?? k)),
      TARGETS,
    ]);
    throw bad(
      file,
      line(keyNode),
      `unknown key "${key}"`,
      near === undefined ? undefined : `did you mean "${near}"?`,
    );
  }
  const scalar: unknown = isScalar(value) ? value.value : value;
  const problem = typeProblem(known, scalar);
  if (problem !== undefined) throw bad(file, line(keyNode), `"${key}" ${problem}`);
  settings.push({ key, value: scalar as ConfigValue, file, line: line(keyNode) });
}

function typeProblem(key: Key, value: unknown): string | undefined {
  if (key.type === 'number')
    return typeof value === 'number' && Number.isFinite(value) && value >= 0
      ? undefined
      : 'must be a number of 0 or more';
  if (key.type === 'boolean') return typeof value === 'boolean' ? undefined : 'must be true or false';
  return presetNames.some((name) => name === value) ? undefined : `must be one of ${presetNames.join(', ')}`;
}

function bad(file: string, line: number, message: string, hint?: string): SegueError {
  return new SegueError('bad-config', `${file}:${line}: ${message}`, {
    hint: hint ?? 'segue config --keys lists the keys',
  });
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
