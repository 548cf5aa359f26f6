/** Lists look at both ends of a file: what they say of a session is the same when a record there is longer than that. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { SessionRef, SessionSummary } from '../src/agents/contract.ts';
import { loadAgent } from '../src/agents/registry.ts';
import { scratchEnv } from './scratch.ts';

/** Agents with a log of records, and what stands before the text of the first prompt in it. */
const LOGS: Record<string, RegExp> = {
  claude: /"role":"user","content":"/,
  codex: /"type":"(?:input_text|text)","text":"(?!<|# AGENTS|\\n)/,
  copilot: /"content":"/,
  droid: /"type":"text","text":"(?!<|\\n)/,
  gemini: /"type":"user","content":\[\{"text":"(?!<)/,
  kimi: /"type":"text","text":"(?!<)/,
  pi: /"role":"user","content":\[\{"type":"text","text":"/,
  qwen: /"role":"user","parts":\[\{"text":"/,
};
/** Agents with a file that is one object; the same. */
const FILES: Record<string, RegExp> = {
  auggie: /"text_node": \{\s*"content": "/,
  continue: /"role": "user",\s*"content": "/,
};
/** Those that look for the model further on than in the head, too. */
const READS_ON = new Set(['claude', 'codex', 'gemini']);
const LONG = 200_000;
const FILLER = `${JSON.stringify({ type: 'filler', pad: 'y'.repeat(4000) })}\n`.repeat(40);

describe.each(Object.keys(LOGS))('%s', (id) => {
  it('a long first prompt', async () => {
    const { plain, changed } = await summaries(id, (text) =>
      text.replace(LOGS[id] as RegExp, (start) => `${start}Once upon ${'z'.repeat(LONG)} `),
    );
    // one that has a title of its own keeps it
    if (changed.title !== plain.title) expect(changed.title).toMatch(/^Once upon z/);
    expect(changed).toMatchObject({ id: plain.id, cwd: plain.cwd, createdAt: plain.createdAt });
  });

  it.each([
    { last: '', what: 'answers' },
    { last: FILLER, what: 'other things' },
  ])('a long record before the first prompt, $what at the end', async ({ last }) => {
    const { plain, changed } = await summaries(
      id,
      (text) => {
        const end = text.indexOf('\n') + 1;
        const record = { type: 'long', pad: 'w'.repeat(LONG) };
        return `${text.slice(0, end)}${JSON.stringify(record)}\n${text.slice(end)}`;
      },
      last,
    );
    const { title, cwd, model } = plain;
    expect(title).toBeDefined();
    expect(changed).toMatchObject({ id: plain.id, title, cwd });
    if (last === '' || READS_ON.has(id)) expect(changed.model).toBe(model);
  });
});

test.each(Object.keys(LOGS))('%s: a long last record', async (id) => {
  const last = '2027-01-01T00:00:00.000Z';
  const { plain, changed } = await summaries(
    id,
    (text) => {
      const line =
        text
          .trimEnd()
          .split('\n')
          .findLast((each) => /"(?:timestamp|time)":/.test(each)) ?? '';
      const record = { ...JSON.parse(line), pad: 'v'.repeat(LONG) };
      record['time' in record ? 'time' : 'timestamp'] = 'time' in record ? Date.parse(last) : last;
      return `${text}${JSON.stringify(record)}\n`;
    },
    '',
  );
  expect(changed).toMatchObject({ updatedAt: last, model: plain.model });
});

test.each(Object.entries(FILES))('%s: a long first prompt', async (id, prompt) => {
  const { plain, changed } = await summaries(
    id,
    (text) => text.replace(prompt, (start) => `${start}Once upon ${'z'.repeat(LONG)} `),
    '',
  );
  expect(changed.title).toMatch(/^Once upon z/);
  expect(changed).toMatchObject({ id: plain.id, cwd: plain.cwd });
});

/** What is said of an agent's simplest session as it is, and with its log changed and long. */
async function summaries(
  id: string,
  change: (log: string) => string,
  filler: string = FILLER,
): Promise<{ plain: SessionSummary; changed: SessionSummary }> {
  const agent = await loadAgent(id);
  const env = scratchEnv();
  cpSync(join(import.meta.dirname, '../src/agents', id, 'fixtures/basic'), env.home, { recursive: true });
  const found = (): SessionRef => agent.discover({ env }).refs[0] ?? expect.fail('no session');
  const plain = agent.summarize(found(), { env });
  const { path } = found();
  const log = readFileSync(path, 'utf8');
  const longer = change(log);
  expect(longer.length).toBeGreaterThan(log.length + LONG);
  writeFileSync(path, longer + filler);
  return { plain, changed: agent.summarize(found(), { env }) };
}
