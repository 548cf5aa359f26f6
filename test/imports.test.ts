/** The layers of ARCHITECTURE.md, over the real import graph. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

interface Module {
  path: string;
  text: string;
  imports: { from: string; names: string[]; typeOnly: boolean }[];
}

const modules = readModules();

/** Layer of a file → layers that it may import besides its own. */
const allowed: Record<string, string[]> = {
  model: [],
  io: ['model'],
  contract: ['model', 'io'],
  shared: ['contract', 'model', 'io'],
  agent: ['shared', 'contract', 'model', 'io'],
  registry: ['agent', 'contract', 'model'],
  service: ['contract', 'registry', 'model', 'io'],
  public: ['service', 'contract', 'registry', 'model', 'io'],
  terminal: ['model'],
  tui: ['terminal', 'service', 'model'],
  cli: ['tui', 'terminal', 'service', 'contract', 'registry', 'model', 'io'],
};
const services = ['config', 'doctor', 'handoff', 'index', 'launch', 'transfer'];
const surfaces = ['terminal', 'tui', 'cli'];

test('every source file belongs to a layer', () => {
  const strangers = modules.filter(({ path }) => allowed[layerOf(path)] === undefined);
  expect(strangers.map(({ path }) => path)).toEqual([]);
});

test('the graph is seen: static, type and lazy imports', () => {
  const of = (path: string) => modules.find((module) => module.path === path)?.imports ?? [];
  expect(of('src/cli/quick.ts').map(({ from }) => from)).toContain('src/agents/registry.ts');
  expect(of('src/cli/commands.ts').map(({ from }) => from)).toContain('src/cli/commands/list.ts');
  expect(of('src/cli/commands.ts')).toContainEqual({
    from: 'src/cli/invocation.ts',
    names: ['Invocation'],
    typeOnly: true,
  });
});

test('imports point down only', () => {
  const wrong: string[] = [];
  for (const { path, imports } of modules) {
    const layer = layerOf(path);
    for (const { from } of imports) {
      if (!from.startsWith('src/') || layerOf(from) === layer) continue;
      if (!allowed[layer]?.includes(layerOf(from))) wrong.push(`${path} (${layer}) imports ${from}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('agents never import each other', () => {
  const wrong: string[] = [];
  for (const { path, imports } of modules) {
    if (layerOf(path) !== 'agent') continue;
    for (const { from } of imports)
      if (layerOf(from) === 'agent' && folderOf(from) !== folderOf(path))
        wrong.push(`${path} imports ${from}`);
  }
  expect(wrong).toEqual([]);
});

test('services do not import each other in a circle', () => {
  const edges = new Map(services.map((service) => [service, new Set<string>()]));
  for (const { path, imports } of modules) {
    if (layerOf(path) !== 'service') continue;
    for (const { from } of imports)
      if (layerOf(from) === 'service' && serviceOf(from) !== serviceOf(path))
        edges.get(serviceOf(path))?.add(serviceOf(from));
  }
  for (const service of services) expect([...reachable(service, edges)], service).not.toContain(service);
});

test('services know agents only through the contract and the registry', () => {
  const wrong = modules
    .filter(({ path }) => layerOf(path) === 'service')
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ from }) => /^src\/agents\/[^/]+\//.test(from))
        .map(({ from }) => `${path} imports ${from}`),
    );
  expect(wrong).toEqual([]);
});

test('the picker gets its services: it knows only their types', () => {
  const wrong = modules
    .filter(({ path }) => layerOf(path) === 'tui')
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ from, typeOnly }) => layerOf(from) === 'service' && !typeOnly)
        .map(({ from }) => `${path} imports ${from}`),
    );
  expect(wrong).toEqual([]);
});

test('model is pure: no Node module but types', () => {
  const wrong = modules
    .filter(({ path }) => layerOf(path) === 'model')
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ from, typeOnly }) => from.startsWith('node:') && !typeOnly)
        .map(({ from }) => `${path} imports ${from}`),
    );
  expect(wrong).toEqual([]);
});

test('only io/sqlite.ts touches node:sqlite', () => {
  const users = modules
    .filter(({ text }) => /node:sqlite/.test(withoutComments(text)))
    .map(({ path }) => path);
  expect(users).toEqual(['src/io/sqlite.ts']);
});

/** What looks and reads but changes nothing. Agents read their own stores; the rest of the disk work is io's. */
const READING =
  /^(?:type .*|Dirent|Stats|accessSync|closeSync|constants|existsSync|fstatSync|lstatSync|openSync|readdirSync|readFileSync|readlinkSync|readSync|realpathSync|statSync)$/;

test('only io and the transfer executor change the disk; agents and config read; nothing else touches it', () => {
  const wrong: string[] = [];
  for (const { path, imports } of modules) {
    const layer = layerOf(path);
    if (layer === 'io' || path.startsWith('src/transfer/')) continue;
    for (const { from, names } of imports) {
      if (!/^node:(?:fs|fs\/promises)$/.test(from)) continue;
      const reads = ['agent', 'shared'].includes(layer) || path.startsWith('src/config/');
      for (const name of names)
        if (!reads || !READING.test(name)) wrong.push(`${path} uses ${name} of ${from}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('encoding is pure: no encode.ts imports a Node module that does I/O', () => {
  const wrong = modules
    .filter(({ path }) => /\/encode\.ts$/.test(path))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ from }) => /^node:(?:fs|child_process|net|http|https|sqlite)/.test(from))
        .map(({ from }) => `${path} imports ${from}`),
    );
  expect(wrong).toEqual([]);
});

test('other programs are started by io and the transfer executor only', () => {
  const users = modules.filter(({ imports }) => imports.some(({ from }) => from === 'node:child_process'));
  const wrong = users.filter(({ path }) => layerOf(path) !== 'io' && !path.startsWith('src/transfer/'));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test('nothing opens a network connection', () => {
  const network = /^node:(?:net|tls|http|https|http2|dgram|dns)/;
  const users = modules.filter(
    ({ imports, text }) =>
      imports.some(({ from }) => network.test(from)) ||
      /\bfetch\(/.test(withoutComments(text).replace(/['`"][^'`"\n]*['`"]/g, '')),
  );
  expect(users.map(({ path }) => path)).toEqual([]);
});

test('standard output, colour and process.exit exist only in the surfaces', () => {
  const wrong = modules.filter(
    ({ path, text }) =>
      !surfaces.includes(layerOf(path)) &&
      /process\.(?:exit\b|exitCode|std(?:out|err)\.write)|console\.|\\u001B\[\d+m/.test(
        withoutComments(text),
      ),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

function layerOf(path: string): string {
  const [, top = '', name = ''] = path.split('/');
  if (top === 'agents') {
    if (name === 'contract.ts') return 'contract';
    if (name.endsWith('.ts') || name.endsWith('.json')) return 'registry';
    return name === '_shared' ? 'shared' : 'agent';
  }
  return services.includes(top) ? 'service' : top;
}

function folderOf(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}

function serviceOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function reachable(from: string, edges: Map<string, Set<string>>): Set<string> {
  const seen = new Set<string>();
  const visit = (service: string): void => {
    for (const next of edges.get(service) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      visit(next);
    }
  };
  visit(from);
  return seen;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

function readModules(): Module[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('fixtures'))
    .map((name) => {
      const path = join('src', name);
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, imports: importsOf(path, withoutComments(text)) };
    });
}

function importsOf(path: string, text: string): Module['imports'] {
  const statements = [...text.matchAll(/^(?:import|export)\s+(type\s+)?([^;'"]*?)\s*from\s*'([^']+)'/gm)];
  const bare = [
    ...text.matchAll(/^import\s+'([^']+)'|\bimport\('([^']+)'\)|getBuiltinModule\('([^']+)'\)/gm),
  ];
  return [
    ...statements.map((match) => ({
      from: target(path, match[3] ?? ''),
      names: namesOf(match[2] ?? ''),
      typeOnly: match[1] !== undefined,
    })),
    ...bare.map((match) => ({
      from: target(path, match[1] ?? match[2] ?? match[3] ?? ''),
      names: ['*'],
      typeOnly: false,
    })),
  ];
}

function namesOf(clause: string): string[] {
  const braces = /\{([\s\S]*)\}/.exec(clause)?.[1];
  if (braces === undefined) return [clause.trim()];
  return braces
    .split(',')
    .map((name) => name.trim().replace(/^(?!type )(\S+) as .*$/, '$1'))
    .filter((name) => name !== '');
}

function target(path: string, specifier: string): string {
  return specifier.startsWith('.') ? relative('', join(dirname(path), specifier)) : specifier;
}
