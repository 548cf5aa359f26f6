/** What a session without a title is called in the lists of its new agent. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadAgents } from '../src/agents/registry.ts';
import { parseObject } from '../src/model/narrow.ts';
import { sessionOf } from './session-of.ts';
import { entry, fail, roundTrip, text, workbench } from './workbench.ts';

const PROMPT = 'List the files\nof src';
// OpenClaw’s list has keys, no titles
const agents = (await loadAgents()).filter(({ id, writer }) => writer !== undefined && id !== 'openclaw');
const image = { type: 'image' as const, mediaType: 'image/png', data: 'AAAA' };
const made = sessionOf('claude', [
  entry('1', 'user', image, text(PROMPT)),
  entry('2', 'assistant', text('There are two.')),
  entry('3', 'user', text('and in test?')),
  entry('4', 'assistant', text('None.')),
]);
const untitled = { ...made, info: { ...made.info, title: undefined } };

describe.each(agents.map((agent) => [agent.id, agent] as const))('%s', (id, agent) => {
  it('calls an untitled session by its first prompt', () => {
    const bench = workbench(agent, join(import.meta.dirname, '../src/agents', id));
    const { plan, write } = roundTrip(
      agent,
      bench,
      '/home/dev/project',
      new Date('2026-11-22T12:00:00.000Z'),
    );
    const planned = plan(untitled);
    write(planned);
    if (planned.import === undefined) {
      const ref =
        agent.recognize?.(planned.ref.path, bench.context) ?? fail('what was written is recognised');
      expect(agent.summarize(ref, bench.context).title).toBe('List the files of src');
    } else {
      const document = parseObject([...planned.import.input()].join(''));
      expect(document?.info).toMatchObject({ title: 'List the files of src' });
    }
  });
});
