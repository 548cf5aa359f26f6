/** Flags in the words of every agent. */
import { expect, test } from 'vitest';
import { loadAgent, loadAgents } from '../agents/registry.ts';
import { SegueError } from '../model/errors.ts';
import { type CommonFlags, forwardFlags } from './forward.ts';

/** Words that let an agent do things unasked. */
const DANGEROUS = /yolo|danger|bypass|--auto\b|allow-all|auto.?edit|acceptEdits|never/i;

async function forwarded(agent: string, wanted: CommonFlags) {
  return forwardFlags(await loadAgent(agent), wanted);
}

test('nothing is added unasked', async () => {
  for (const agent of await loadAgents())
    expect(forwardFlags(agent, {}), agent.id).toEqual({ flags: [], notes: [] });
});

test('what asks for less never becomes more: it is translated or refused', async () => {
  for (const agent of await loadAgents()) {
    for (const wanted of [{ permission: 'plan' }, { permission: 'readOnly' }, { sandbox: true }] as const) {
      try {
        const { flags, notes } = forwardFlags(agent, wanted);
        expect(flags.join(' '), agent.id).not.toMatch(DANGEROUS);
        expect([flags.length > 0, notes], agent.id).toEqual([true, []]);
      } catch (error) {
        if (!(error instanceof SegueError)) throw error;
        expect(error.code, agent.id).toBe('cannot-resume');
      }
    }
    const model = forwardFlags(agent, { model: 'provider/name', addDirs: ['/a', '/b'] });
    expect(model.flags.join(' '), agent.id).not.toMatch(DANGEROUS);
  }
});

test('editing unasked is not everything unasked', async () => {
  for (const agent of await loadAgents()) {
    const { yolo } = agent.launch.flags;
    const { flags } = forwardFlags(agent, { permission: 'autoEdit' });
    if (yolo !== undefined && yolo.length > 0 && flags.length > 0) expect(flags, agent.id).not.toEqual(yolo);
  }
});

test("models of another vendor stay behind, with a note; one's own go on", async () => {
  expect(await forwarded('claude', { model: 'gpt-5' })).toMatchObject({
    flags: [],
    notes: [expect.stringContaining('gpt-5 is no model of Claude Code')],
  });
  expect((await forwarded('claude', { model: 'opus' })).flags).toEqual(['--model', 'opus']);
  expect((await forwarded('gemini', { model: 'claude-opus-5' })).flags).toEqual([]);
  expect((await forwarded('codex', { model: 'gpt-5-codex' })).flags).toEqual(['-m', 'gpt-5-codex']);
});

test('directories: none replaces another', async () => {
  expect((await forwarded('claude', { addDirs: ['/a', '/b'] })).flags).toEqual([
    '--add-dir',
    '/a',
    '--add-dir',
    '/b',
  ]);
  expect((await forwarded('codex', { addDirs: ['/a', '/b'] })).flags).toEqual([
    '-c',
    'sandbox_workspace_write.writable_roots=["/a","/b"]',
  ]);
  expect((await forwarded('pi', { addDirs: ['/a'] })).notes).toEqual(['pi takes no further directories']);
});

test('everything unasked, but in the sandbox', async () => {
  expect((await forwarded('codex', { permission: 'yolo', sandbox: true })).flags.join(' ')).not.toContain(
    'bypass',
  );
  expect((await forwarded('gemini', { permission: 'yolo', sandbox: true })).flags).toEqual([
    '-s',
    '--approval-mode',
    'yolo',
  ]);
});
