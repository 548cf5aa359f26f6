/** Parses and checks a configuration file. */
import { isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { findAgentId } from '../agents/registry.ts';
import { presetNames } from '../handoff/options.ts';
import { closest } from '../model/closest.ts';
import { SegueError } from '../model/errors.ts';
import { foreignSections, type Key, keys, TARGETS } from './keys.ts';

export type ConfigValue = number | boolean | string;

/** One value as a file sets it. */
export interface Setting {
  key: string;
  value: ConfigValue;
  file: string;
  line: number;
}

export interface ConfigFile {
  scope: 'project' | 'user';
  settings: Setting[];
  targets: Map<string, Setting[]>;
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
