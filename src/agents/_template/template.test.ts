import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import type { Env } from '../../io/paths.ts';
import { comparable } from '../../model/compare.ts';
import { seededIds } from '../../model/ids.ts';
import type { Session } from '../../model/session.ts';
import type { Agent, SessionRef } from '../contract.ts';
import { agent } from './index.ts';

const scratch = mkdtempSync(join(tmpdir(), 'segue-template-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function environment(home: string): Env {
  return { home, vars: {}, platform: 'linux' };
}

function lines(session: Session): string[] {
  return [...comparable(session.entries(), { tools: 'canonical' })];
}

test('a session that the agent wrote', () => {
  const env = environment(join(import.meta.dirname, 'fixtures/basic'));
  const { refs, diagnostics } = agent.discover({ env });
  expect(diagnostics).toEqual([]);
  const [ref] = refs as [SessionRef];
  expect(agent.recognize?.(ref.path, { env })).toEqual(ref);
  expect(agent.summarize(ref, { env })).toMatchObject({ title: 'List the files', cwd: '/home/dev/project' });
  const session = agent.read(ref, { env });
  expect(lines(session)).toEqual([
    '["user","text","List the files"]',
    '["assistant","text","I look."]',
    '["assistant","call",0,"execute","{\\"command\\":\\"ls\\"}"]',
    '["user","result",0,"error",2,"no such file"]',
    '["assistant","text","Nothing is there."]',
  ]);
  expect(session.diagnostics).toEqual([]);
});

test('what is written reads back the same', () => {
  const env = environment(scratch);
  const writer = agent.writer as NonNullable<Agent['writer']>;
  fc.assert(
    fc.property(
      arbitrarySession({ accepts: writer.accepts, tools: agent.tools }),
      ({ prepared, expected }) => {
        const ids = seededIds(new Uint8Array(32), 0);
        const plan = writer.encode(prepared, {
          env,
          cwd: '/home/dev/project',
          now: new Date(0),
          ids,
          store: {},
        });
        for (const file of plan.files) {
          mkdirSync(dirname(file.path), { recursive: true });
          writeFileSync(file.path, [...file.content()].join(''));
        }
        const ref = agent.recognize?.(plan.ref.path, { env }) as SessionRef;
        const native = (session: Session): string[] => [
          ...comparable(session.entries(), { tools: 'native' }),
        ];
        expect(native(agent.read(ref, { env }))).toEqual(native(expected));
      },
    ),
  );
});

test('damage is a diagnostic, never a crash', () => {
  const env = environment(scratch);
  const path = join(scratch, '.template/sessions/damaged.jsonl');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    '{"type":"session","id":7,"cwd":[]}\nnull\nnot json\n{"type":"message","role":"user"}\n{"type":"mess',
  );
  const ref = agent.recognize?.(path, { env }) as SessionRef;
  const session = agent.read(ref, { env });
  expect([...session.entries()]).toEqual([]);
  expect(session.diagnostics.map(({ code }) => code)).toEqual(['bad-record', 'bad-record', 'unknown-record']);
  expect(agent.summarize(ref, { env }).damaged).toBeUndefined();
});
