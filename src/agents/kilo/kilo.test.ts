import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { documentText, envOf, linesOf, planImport } from '../../../test/import-document.ts';
import { parseObject } from '../../model/narrow.ts';
import type { Session } from '../../model/session.ts';
import { agent as opencode } from '../opencode/index.ts';
import { agent } from './index.ts';

const home = (scenario: string) => join(import.meta.dirname, 'fixtures', scenario);

function open(scenario: string): Session {
  const context = { env: envOf(home(scenario)) };
  const { refs, diagnostics } = agent.discover(context);
  expect(diagnostics).toEqual([]);
  const [ref] = refs;
  return ref === undefined ? expect.fail('found') : agent.read(ref, context);
}

test('commands, reasoning and the session’s own facts', () => {
  const session = open('tools');
  expect(session.info).toMatchObject({
    agent: 'kilo',
    id: 'ses_dfbabc168ffeGSdGrMTeDX9w9L',
    title: 'Please list the sources. RUN: ls -la src',
    cwd: '/home/dev/kilo/todo-api',
    agentVersion: '7.7.7',
    models: ['mock/mock-model'],
  });
  expect(linesOf(session, 'canonical').slice(5)).toEqual([
    '["user","text","\\"THINK: what did the check show? RUN: cat config/missing.json; exit 3\\""]',
    '["assistant","reasoning","mock thinking about it"]',
    '["assistant","text","I will run it."]',
    '["assistant","call",1,"execute","{\\"command\\":\\"cat config/missing.json; exit 3\\"}"]',
    '["user","result",1,"error",3,"cat: config/missing.json: No such file or directory\\n"]',
    '["assistant","reasoning","mock thinking about it"]',
    '["assistant","text","MOCK-REPLY #5 (saw 8 messages)"]',
  ]);
});

test('files, and a limit', () => {
  expect(linesOf(open('edit'), 'canonical').filter((line) => line.includes('"result"'))).toEqual([
    '["user","result",0,"ok",null,"Wrote file successfully."]',
    '["user","result",1,"error",null,"File not found: /home/dev/kilo/todo-api/nope.js"]',
  ]);
  expect([...open('limit').entries()].at(-1)).toMatchObject({
    type: 'event',
    event: 'limit',
    limit: { scope: 'minute', confidence: 'certain' },
  });
});

test('its exported documents are its own, OpenCode’s are OpenCode’s', () => {
  const documents = (program: string, scenario: string) => {
    const folder = join(import.meta.dirname, '..', program, 'fixtures', scenario, 'export');
    return readdirSync(folder).map((name) => join(folder, name));
  };
  const context = { env: envOf('/nowhere') };
  const owners = [...documents('kilo', 'tools'), ...documents('opencode', 'tools')].map((path) =>
    [agent, opencode].flatMap((program) => program.recognize?.(path, context)?.agent ?? []),
  );
  expect(owners).toEqual([['kilo'], ['opencode']]);
});

test('what it is written with', () => {
  const plan = planImport(agent, open('edit'), '/nowhere');
  expect(plan.import?.argv).toEqual(['kilo', 'import', '{file}']);
  expect(plan.ref.path).toBe('/nowhere/.local/share/kilo/kilo.db');
  expect(parseObject(documentText(plan))?.info).toMatchObject({ agent: 'code', version: '7.7.7' });
});
