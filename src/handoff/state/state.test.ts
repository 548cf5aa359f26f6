import { describe, expect, it } from 'vitest';
import type { Entry, MessageEntry, Part, Session } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import { extractWorkState } from './extract.ts';
import { isFiller, readSentence, ruleStrength, sentences } from './sentences.ts';
import { fileActions } from './shell.ts';
import type { WorkState } from './types.ts';

let serial = 0;
function message(role: 'user' | 'assistant', origin: MessageEntry['origin'], ...parts: Part[]): MessageEntry {
  return { type: 'message', id: `e${++serial}`, parentId: null, evidence: [], role, origin, parts };
}
const human = (text: string): MessageEntry => message('user', 'human', { type: 'text', text });
const says = (text: string): MessageEntry => message('assistant', 'agent', { type: 'text', text });
function called(call: ToolCall, text = '', exitCode?: number): MessageEntry[] {
  const callId = `c${++serial}`;
  const failed = exitCode !== undefined && exitCode !== 0;
  return [
    message('assistant', 'agent', {
      type: 'tool_call',
      callId,
      ...call,
      native: { name: call.tool, input: {} },
    }),
    message('user', 'agent', {
      type: 'tool_result',
      callId,
      status: failed ? 'error' : 'ok',
      ...(exitCode === undefined ? {} : { exitCode }),
      content: [{ type: 'text', text }],
    }),
  ];
}
const ran = (command: string, output = '', exitCode = 0): MessageEntry[] =>
  called({ tool: 'execute', input: { command } }, output, exitCode);
const edited = (path: string, oldText: string, newText: string): MessageEntry[] =>
  called({ tool: 'edit', input: { path, edits: [{ oldText, newText }] } });

function stateOf(entries: Entry[], subagents: Session[] = []): WorkState {
  return extractWorkState({
    info: { agent: 'claude', id: 'a', cwd: '/w', models: [], lineage: [] },
    entries: () => entries,
    branches: [],
    subagents,
    diagnostics: [],
  });
}

describe('sentences', () => {
  it('ends where a person goes on in lower case, not at abbreviations or file names', () => {
    expect(sentences('no new packages. e.g. lodash is out. see src/a.ts for more')).toEqual([
      'no new packages.',
      'e.g. lodash is out.',
      'see src/a.ts for more',
    ]);
  });

  it('takes rules for stronger than steps, and no filler for either', () => {
    expect(ruleStrength('nothing in legacy/ gets edited by you, ever')).toBeGreaterThanOrEqual(2);
    expect(ruleStrength('Keine neuen Abhängigkeiten, bitte')).toBeGreaterThanOrEqual(2);
    expect(ruleStrength('rename that helper')).toBe(0);
    expect(ruleStrength('what does line 40 do?')).toBe(0);
    expect(isFiller('ok thanks, go on!')).toBe(true);
    expect(isFiller('ok, but keep the cache')).toBe(false);
  });

  it('reads a contrast with a cause as reasoned, a next step as nothing', () => {
    const reasoned = readSentence('The queue stays in memory rather than on disk, since restarts are rare.');
    expect(reasoned.decision).toBeGreaterThanOrEqual(2);
    expect(readSentence('Let me look at the queue.').decision).toBe(0);
    expect(readSentence('Running the tests.')).toEqual({ decision: 0, failure: 0 });
  });
});

describe('what the agent said', () => {
  it('quotes the reason that stands in the next sentence, without the narration around it', () => {
    const { decisions } = stateOf([
      human('Do it'),
      says('Looking at the queue. Settled on a ring buffer for it. Memory blew past the limit in March.'),
    ]);
    expect(decisions.map(({ text }) => text)).toEqual([
      'Settled on a ring buffer for it. Memory blew past the limit in March.',
    ]);
  });

  it('takes what is said around an undo for a failed approach', () => {
    const { failedApproaches } = stateOf([
      human('Do it'),
      ...edited('/w/a.ts', 'one', 'two'),
      ...ran('git checkout -- a.ts'),
      says('The pool was only hiding it: connections are leaked by the session store.'),
    ]);
    expect(failedApproaches).toHaveLength(1);
  });

  it('drops a manner of speaking', () => {
    const talk = Array.from({ length: 30 }, (_, i) => [
      says(`The name is wrong here, so I fix part ${String.fromCharCode(97 + (i % 26))}.`),
      ...ran(`touch ${i}`),
    ]).flat();
    const { decisions } = stateOf([human('Do it'), ...talk]);
    expect(decisions.every(({ strength }) => strength === 1)).toBe(true);
  });

  it('pairs a question with its answer, however short, and keeps open what was not answered', () => {
    const state = stateOf([
      human('Do it'),
      says('Drop the old table as well?'),
      says('The rest is in place.'),
      human('yes'),
      ...ran('psql -c "drop table old"'),
      says('Shall I also drop the index?'),
    ]);
    expect(state.answers).toEqual([{ question: 'Drop the old table as well?', text: 'yes', ref: 4 }]);
    expect(state.questions.map(({ text }) => text)).toEqual(['Shall I also drop the index?']);
  });
});

describe('commands and errors', () => {
  const errors = (...entries: MessageEntry[][]): string[] =>
    stateOf([human('Do it'), ...entries.flat()]).errors.map(({ what }) => what);

  it('a wider run of the same check overcomes a narrow failure, another check does not', () => {
    expect(errors(ran('go test ./a', 'FAIL', 1), ran('go test ./...'))).toEqual([]);
    expect(errors(ran('pytest -q tests/a.py -k x', 'E 1', 1), ran('pytest -q tests'))).toEqual([]);
    expect(errors(ran('npx tsc -p x.json', 'a.ts(1,1): error', 1), ran('npm run typecheck'))).toEqual([]);
    expect(errors(ran('npm run test', 'FAIL', 1), ran('npm run lint'))).toEqual(['$ npm run test → exit 1']);
    expect(errors(ran('go test ./a', 'FAIL', 1), ran('go test ./b'))).toEqual(['$ go test ./a → exit 1']);
  });

  it('gives the line that says what is wrong before the lines that only mention errors', () => {
    const noise = Array.from({ length: 40 }, (_, i) => `rejects bad input ${i} (error is expected)`);
    const { errors: found } = stateOf([
      human('Do it'),
      ...ran('go test ./...', [...noise, 'pump_test.go:88: lost 3 of 200 messages', ...noise].join('\n'), 1),
    ]);
    expect(found[0]?.message.split('\n')[0]).toBe('pump_test.go:88: lost 3 of 200 messages');
  });

  it('a look that found nothing is no unresolved error', () => {
    const missing = called({ tool: 'read', input: { path: '/w/none' } }, 'no such file', 1);
    expect(errors(missing, ran('grep -rn x .', '', 1))).toEqual([]);
  });
});

describe('files', () => {
  it('knows what plain commands do, and leaves alone what it cannot be sure of', () => {
    expect(fileActions('cd src && rm a.ts && git mv b.ts c.ts')).toEqual([
      { action: 'remove', path: 'src/a.ts' },
      { action: 'move', from: 'src/b.ts', to: 'src/c.ts' },
    ]);
    expect(fileActions('git checkout -- x.ts; git restore .')).toEqual([
      { action: 'restore', path: 'x.ts' },
      { action: 'restore' },
    ]);
    expect(fileActions('rm *.log; rm $FILE; echo "a; rm b"; find . | xargs rm')).toEqual([]);
    expect(fileActions("cat > x <<'EOF'\nrm y\nEOF")).toEqual([]);
  });

  it('a restore goes back to the last commit', () => {
    const { files } = stateOf([
      human('Do it'),
      ...edited('/w/a.ts', 'one', 'two'),
      ...ran('git commit -qam first'),
      ...edited('/w/a.ts', 'two', 'three'),
      ...edited('/w/b.ts', 'x', 'y'),
      ...ran('git restore .'),
    ]);
    expect(files.map(({ path, edits }) => ({ path, edits }))).toEqual([
      { path: 'a.ts', edits: [{ before: 'one', after: 'two' }] },
    ]);
  });
});

describe('plan and subagents', () => {
  it('a plan that the agent refused is none', () => {
    const refused = called({ tool: 'plan', input: { items: [{ text: 'x', status: 'pending' }] } }, 'no', 1);
    expect(stateOf([human('Plan'), ...refused]).plan).toBeUndefined();
  });

  it('a subagent in the background is quoted from its own session', () => {
    const own: Session = {
      info: { agent: 'claude', id: 'ae38a', models: [], lineage: [] },
      entries: () => [human('Count'), says('I count 7 lines.')],
      branches: [],
      subagents: [],
      diagnostics: [],
    };
    const started = called(
      { tool: 'task', input: { prompt: 'Count', description: 'Lines' } },
      'launched: ae38a',
    );
    expect(stateOf([human('Delegate'), ...started], [own]).subagents).toEqual([
      { task: 'Lines', result: 'I count 7 lines.', ref: 3 },
    ]);
  });
});
