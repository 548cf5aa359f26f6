import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryCall, arbitraryInputs } from '../../../test/arbitrary-session.ts';
import { envOf } from '../../../test/import-document.ts';
import type { NativeCall } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import { readResult, unwrapRead } from '../_shared/opencode-results.ts';
import { agent as kilo } from '../kilo/index.ts';
import { agent } from './index.ts';

const { tools } = agent;
const P = '/home/dev/opencode/todo-api';

/** Native calls from real sessions, and what they mean. Those that write back to themselves are exact both ways. */
const exact: [NativeCall, ToolCall][] = [
  [
    { name: 'bash', input: { command: 'ls -la src', description: 'mock run' } },
    { tool: 'execute', input: { command: 'ls -la src', description: 'mock run' } },
  ],
  [
    { name: 'bash', input: { command: 'make', timeout: 60000, workdir: '/srv' } },
    { tool: 'execute', input: { command: 'make', timeoutMs: 60000, cwd: '/srv' } },
  ],
  [
    { name: 'read', input: { filePath: `${P}/README.md` } },
    { tool: 'read', input: { path: `${P}/README.md` } },
  ],
  [
    { name: 'read', input: { filePath: '/a', offset: 5, limit: 10 } },
    { tool: 'read', input: { path: '/a', offset: 5, limit: 10 } },
  ],
  [
    { name: 'write', input: { filePath: `${P}/src/validate.js`, content: 'x\n' } },
    { tool: 'write', input: { path: `${P}/src/validate.js`, content: 'x\n' } },
  ],
  [
    { name: 'edit', input: { filePath: '/a', oldString: 'one', newString: 'two', replaceAll: true } },
    { tool: 'edit', input: { path: '/a', edits: [{ oldText: 'one', newText: 'two', replaceAll: true }] } },
  ],
  [
    {
      name: 'apply_patch',
      input: { patchText: '*** Begin Patch\n*** Update File: src/a.ts\n@@\n-one\n+two\n*** End Patch' },
    },
    {
      tool: 'patch',
      input: { changes: [{ change: 'update', path: 'src/a.ts', hunks: [{ lines: ['-one', '+two'] }] }] },
    },
  ],
  [
    { name: 'glob', input: { pattern: '**/*.ts', path: '/a' } },
    { tool: 'glob', input: { pattern: '**/*.ts', path: '/a' } },
  ],
  [
    { name: 'grep', input: { pattern: '(?i)todo', path: '/a', include: '*.ts' } },
    { tool: 'grep', input: { pattern: 'todo', path: '/a', glob: '*.ts', ignoreCase: true } },
  ],
  [
    { name: 'webfetch', input: { url: 'https://example.com', format: 'markdown' } },
    { tool: 'web_fetch', input: { url: 'https://example.com' } },
  ],
  [
    { name: 'websearch', input: { query: 'q' } },
    { tool: 'web_search', input: { query: 'q' } },
  ],
  [
    {
      name: 'task',
      input: {
        description: 'Count routes',
        prompt: 'Count the routes in src/index.js',
        subagent_type: 'general',
      },
    },
    {
      tool: 'task',
      input: {
        description: 'Count routes',
        prompt: 'Count the routes in src/index.js',
        agentType: 'general',
      },
    },
  ],
  [
    { name: 'todowrite', input: { todos: [{ content: 'Ship', status: 'in_progress', priority: 'medium' }] } },
    { tool: 'plan', input: { items: [{ text: 'Ship', status: 'in_progress' }] } },
  ],
  [
    { name: 'github_create_issue', input: { title: 'x' } },
    { tool: 'mcp', input: { server: 'github', tool: 'create_issue', arguments: { title: 'x' } } },
  ],
];

test('calls, both ways', () => {
  for (const [native, call] of exact) {
    expect(tools.read(native, P)).toEqual(call);
    expect(tools.write(call, P)).toEqual([native]);
  }
});

test('calls that mean the same as others', () => {
  const reads: [NativeCall, ToolCall][] = [
    [
      { name: 'bash', input: { command: 'ls', workdir: P } },
      { tool: 'execute', input: { command: 'ls' } },
    ],
    [
      { name: 'read', input: { filePath: 'src/a.ts' } },
      { tool: 'read', input: { path: `${P}/src/a.ts` } },
    ],
    [
      { name: 'list', input: {} },
      { tool: 'list', input: { path: P } },
    ],
    [
      { name: 'multiedit', input: { filePath: '/a', edits: [{ oldString: 'a', newString: 'b' }] } },
      { tool: 'edit', input: { path: '/a', edits: [{ oldText: 'a', newText: 'b' }] } },
    ],
    [
      { name: 'todowrite', input: { todos: [{ content: 'x', status: 'odd' }, 7] } },
      { tool: 'plan', input: { items: [{ text: 'x', status: 'pending' }] } },
    ],
    [
      { name: 'skill', input: { name: 'pdf' } },
      { tool: 'other', input: { name: 'skill', input: { name: 'pdf' } } },
    ],
    [
      { name: 'bash', input: { command: 5 } },
      { tool: 'other', input: { name: 'bash', input: { command: 5 } } },
    ],
    [
      { name: 'apply_patch', input: { patchText: 'no patch' } },
      { tool: 'other', input: { name: 'apply_patch', input: { patchText: 'no patch' } } },
    ],
  ];
  for (const [native, call] of reads) expect(tools.read(native, P)).toEqual(call);
  expect(tools.write({ tool: 'list', input: { path: '/a' } })).toEqual([
    { name: 'read', input: { filePath: '/a' } },
  ]);
  expect(tools.write({ tool: 'task', input: { prompt: 'Look at all of the files here' } })).toEqual([
    {
      name: 'task',
      input: {
        description: 'Look at all of the',
        prompt: 'Look at all of the files here',
        subagent_type: 'general',
      },
    },
  ]);
});

test('every call of the real sessions means something, and is written as it was', () => {
  const seen = new Set<string>();
  for (const [program, scenarios] of [
    [agent, ['tools', 'edit', 'subagent', 'compaction', 'error', 'legacy-json']],
    [kilo, ['tools', 'edit']],
  ] as const) {
    for (const scenario of scenarios) {
      const home = join(import.meta.dirname, '..', program.id, 'fixtures', scenario);
      const context = { env: envOf(home) };
      for (const ref of program.discover(context).refs) {
        for (const entry of program.read(ref, context).entries()) {
          for (const part of entry.type === 'message' ? entry.parts : []) {
            if (part.type !== 'tool_call' || part.native.name === 'invalid') continue;
            seen.add(part.native.name);
            const [back, ...more] =
              program.tools.write({ tool: part.tool, input: part.input } as ToolCall) ?? [];
            expect(more).toEqual([]);
            // the priority of a todo has no canonical form
            expect(JSON.parse(JSON.stringify(back).replaceAll('"medium"', '""'))).toEqual(
              JSON.parse(JSON.stringify(part.native).replaceAll(/"(high|low)"/g, '""')),
            );
          }
        }
      }
    }
  }
  expect([...seen].sort()).toEqual(['bash', 'edit', 'read', 'task', 'todowrite', 'write']);
});

test('what is written means the same when it is read', () => {
  const same = fc.oneof(
    ...(['execute', 'read', 'write', 'glob', 'web_search'] as const).map((tool) =>
      (arbitraryInputs[tool] as fc.Arbitrary<object>).map((input) => ({ tool, input }) as ToolCall),
    ),
  );
  fc.assert(
    fc.property(same, (call) => {
      const input = { ...call.input, background: undefined };
      const [native] = tools.write(call, P) ?? [];
      expect(native === undefined ? undefined : tools.read(native, P)).toEqual(
        JSON.parse(JSON.stringify({ ...call, input })),
      );
    }),
  );
  fc.assert(
    fc.property(arbitraryCall, (call) =>
      (tools.write(call, P) ?? []).every(({ name }) => /^[\w-]+$/.test(name)),
    ),
  );
});

describe('results', () => {
  const state = (output: string, metadata: object) => ({
    status: 'completed',
    input: {},
    output,
    metadata: JSON.parse(JSON.stringify(metadata)),
  });
  const read = (tool: string, output: string, metadata: object) => {
    const result = readResult(tool, 'c', state(output, metadata));
    return [result?.status, result?.exitCode, ...(result?.content ?? [])];
  };
  const text = (said: string) => ({ type: 'text', text: said });

  test('the shell tool’s notes are taken off where it wrote them', () => {
    const shown = '(no output)';
    expect(read('bash', shown, { exit: 0, output: shown })).toEqual(['ok', 0]);
    expect(read('bash', shown, { exit: 0, output: '' })).toEqual(['ok', 0, text(shown)]);
    const saved = { exit: 0, truncated: true, outputPath: '/t/1', output: 'tail' };
    const cut = '...output truncated...\n\nFull output saved to: /t/1\n\ntail';
    expect(read('bash', cut, saved)).toEqual(['ok', 0, text('tail')]);
    expect(read('bash', cut, { exit: 0 })).toEqual(['ok', 0, text(cut)]);
    const note = (said: string) => `half\n\n<shell_metadata>\n${said}\n</shell_metadata>`;
    expect(read('bash', note('User aborted the command'), { exit: null })).toEqual([
      'interrupted',
      undefined,
      text('half'),
    ]);
    const timeout = note('shell tool terminated command after exceeding timeout 5 ms.');
    expect(read('bash', timeout, { exit: null })).toEqual(['error', undefined, text('half')]);
    const told = note('Command exited with code 3');
    expect(read('bash', told, { exit: 3, output: 'half' })).toEqual(['error', 3, text('half')]);
    expect(read('bash', told, { exit: 3, output: told })).toEqual(['error', 3, text(told)]);
    expect(read('bash', timeout, { exit: 0 })).toEqual(['ok', 0, text(timeout)]);
  });

  test('instruction files are taken off what the read tool said; attached files lose its frame', () => {
    const frame =
      '<path>/a</path>\n<type>file</type>\n<content>\n7: x\n8: \n9: y: z\n\n(Showing lines 7-9 of 20. Use offset=10 to continue.)\n</content>';
    const reminder = `${frame}\n\n<system-reminder>\nInstructions from: /AGENTS.md\n</system-reminder>`;
    expect(read('read', frame, {})).toEqual(['ok', undefined, text(frame)]);
    expect(read('read', reminder, { loaded: ['/AGENTS.md'] })).toEqual(['ok', undefined, text(frame)]);
    expect(read('read', reminder, { loaded: [] })).toEqual(['ok', undefined, text(reminder)]);
    expect(unwrapRead(frame)).toBe('x\n\ny: z');
    // 1.1 puts no line break after the opening mark
    expect(
      unwrapRead(
        '<path>/a</path>\n<type>file</type>\n<content>1: x\n\n(End of file - total 1 lines)\n</content>',
      ),
    ).toBe('x');
    expect(unwrapRead(frame.replace('8: ', '5: '))).toBeUndefined();
  });

  test('the answer of a subagent is taken out of its marks', () => {
    const marks = '<task id="ses_1" state="completed">\n<task_result>\ndone\n</task_result>\n</task>';
    expect(read('task', marks, { sessionId: 'ses_1' })).toEqual(['ok', undefined, text('done')]);
    expect(read('task', marks, {})).toEqual(['ok', undefined, text(marks)]);
    const old =
      'task_id: ses_1 (for resuming to continue this task if needed)\n\n<task_result>\ndone\n</task_result>';
    expect(read('task', old, { sessionId: 'ses_1' })).toEqual(['ok', undefined, text('done')]);
  });

  test('cancelled and failed calls', () => {
    const failed = (error: string, metadata: object) => {
      const result = readResult('bash', 'c', {
        status: 'error',
        input: {},
        error,
        metadata: JSON.parse(JSON.stringify(metadata)),
      });
      return [result?.status, ...(result?.content ?? [])];
    };
    expect(failed('Tool execution aborted', { interrupted: true, output: 'half' })).toEqual([
      'interrupted',
      text('half'),
    ]);
    expect(failed('Tool execution aborted', {})).toEqual(['interrupted']);
    expect(failed('boom', {})).toEqual(['error', text('boom')]);
    expect(readResult('bash', 'c', { status: 'running', input: {} })).toBeUndefined();
  });
});
