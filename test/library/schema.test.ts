/** The published JSON Schemas against the real output of the built command. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchemaObject } from 'ajv';
import { expect, test } from 'vitest';
import { json, makeHome, root, samples, segue } from '../e2e/segue.ts';

/** A schema as published, and the same with members that it does not name forbidden: nothing is undocumented. */
function validators(name: string) {
  const text = readFileSync(join(root, 'schema', `${name}.json`), 'utf8');
  const compile = (schema: AnySchemaObject) =>
    new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);
  return [compile(JSON.parse(text) as AnySchemaObject), compile(closed(JSON.parse(text)) as AnySchemaObject)];
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const open = 'properties' in schema && !('additionalProperties' in schema);
  return open ? { ...inner, additionalProperties: false } : inner;
}

/** Schema → command line; in this order, in one home. */
const tasks: [string, string[]][] = [
  ['list-1', ['list', '--json']],
  ['list-1', ['list', '--all', '--json']],
  ['session-1', ['show', 'claude:1b03', '--json']],
  ['session-1', ['show', 'claude:9c8a', '--json']],
  ['session-1', ['show', 'codex:1', '--json', '--at', '2']],
  ['transfer-1', ['convert', 'claude:1b03', '--to', 'codex', '--cwd', '.', '--json']],
  ['transfer-1', ['convert', 'codex:1', '--to', 'claude,codex', '--cwd', '.', '--dry-run', '--json']],
  ['receipts-1', ['undo', '--list', '--json']],
  ['undo-1', ['undo', '--json']],
  ['receipts-1', ['undo', '--list', '--json']],
  ['agents-1', ['agents', '--json']],
  ['launch-1', ['claude', '1', '--in', 'codex', '--cwd', '.', '--dry-run', '--json']],
  ['launch-1', ['claude', '1', '--cwd', '.', '--dry-run', '--json']],
  ['doctor-1', ['doctor', '--json']],
  ['handoff-1', ['handoff', 'claude:1b03', '--json']],
  ['handoff-1', ['handoff', 'codex:1', '--preset', 'full', '--json']],
  ['index-1', ['index', '--json']],
  ['search-1', ['search', 'the', '--json']],
  ['search-1', ['search', 'nothing-of-the-kind', '--json']],
  ['files-1', ['files', 'src/index.js', '--json']],
  ['scan-1', ['scan', '--json']],
  ['config-1', ['config', '--json']],
  ['error-1', ['show', 'zzzz', '--json']],
  ['error-1', ['list', '--agent', 'x', '--json']],
];

test("every session of every agent's fixtures is what the schema says", async () => {
  const built = (await import(join(root, 'dist/index.js'))) as typeof import('../../src/public/index.ts');
  const validate = validators('session-1');
  let checked = 0;
  for (const home of fixtureHomes()) {
    const env = { home, vars: { SEGUE_DATA_DIR: join(makeHome().path, 'data') }, platform: process.platform };
    const { sessions } = await built.listSessions({ env, all: true });
    for (const { agent, id, damaged } of sessions) {
      if (damaged !== undefined) continue;
      const session = await built.readSession(`${agent}:${id}`, { env });
      // as it is printed: without undefined members
      const value: unknown = JSON.parse(
        JSON.stringify({ schema: 'segue.session/1', ...built.sessionDocument(session) }),
      );
      for (const check of validate) {
        check(value);
        expect(check.errors ?? [], `${home} ${agent}:${id}`).toEqual([]);
      }
      checked++;
    }
  }
  expect(checked).toBeGreaterThan(10);
});

/** Fixtures are miniature homes. */
function fixtureHomes(): string[] {
  const agents = readdirSync(join(root, 'src/agents')).filter((name) => !name.startsWith('_'));
  return agents
    .map((agent) => join(root, 'src/agents', agent, 'fixtures'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { withFileTypes: true }).map(({ name }) => join(folder, name)));
}

test('every JSON output is what its schema says, and nothing more', async () => {
  const home = makeHome(samples);
  for (const [name, words] of tasks) {
    const value = json(await segue(home, words));
    for (const validate of validators(name)) {
      validate(value);
      expect(validate.errors ?? [], words.join(' ')).toEqual([]);
    }
  }
});

test('the schemas refuse what is wrong', () => {
  const [session] = validators('session-1');
  const [transfer] = validators('transfer-1');
  expect(session?.({ schema: 'segue.session/1', info: {}, entries: [] })).toBe(false);
  expect(session?.({ schema: 'segue.session/2' })).toBe(false);
  expect(transfer?.({ schema: 'segue.transfer/1' })).toBe(false);
});
