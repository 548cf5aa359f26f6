/**
 * Generates prepared sessions: what `transfer/prepare` hands to an agent's `encode`, for property tests of
 * `read(encode(s)) = s`. Driven by the target's `Acceptance` and `ToolTable`.
 */
import fc from 'fast-check';
import type { Acceptance, ToolTable } from '../src/agents/contract.ts';
import type {
  Entry,
  ImagePart,
  JsonObject,
  MessageEntry,
  NativeCall,
  Part,
  ResultContent,
  Session,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../src/model/session.ts';
import type { PatchChange, ToolCall } from '../src/model/tools.ts';
import { isBlank } from '../src/transfer/texts.ts';

export interface ArbitraryOptions {
  accepts: Acceptance;
  tools: ToolTable;
  /** The session's directory; default `/home/dev/project`. */
  cwd?: string;
  /** Forms of `opaque` of the target's own reasoning; without it no reasoning is generated. */
  opaque?: fc.Arbitrary<JsonObject>;
  /** Statuses that results take beside `ok`; default both. */
  failures?: ('error' | 'interrupted')[];
  /** Whether commands may have an exit code; default true. Failed commands then have one or none, succeeded ones 0 or none. */
  exitCodes?: boolean;
  /** Most prompts in a session; default 5. */
  prompts?: number;
}

/** One generated session in both of its forms. */
export interface GeneratedSession {
  /** What `encode` gets: result contents have gone through `writeResult`. */
  prepared: Session;
  /** What `read` must give back: result contents as the model sees them. */
  expected: Session;
}

/** Prepared sessions: prompts, answers with reasoning, text and calls, results in any order, compactions, images. */
export function arbitrarySession(options: ArbitraryOptions): fc.Arbitrary<GeneratedSession> {
  const turns = fc.array(turn(options), { minLength: 1, maxLength: options.prompts ?? 5 });
  return fc
    .record({ turns, timed: fc.boolean(), model: fc.constantFrom(undefined, 'claude-opus-5-5', 'gpt-6') })
    .map((plan) => build(plan, options));
}

interface Turn {
  prompt: Part[];
  steps: Step[];
  answer: string | undefined;
  /** A compaction after the turn, and whether the turn stays in view. */
  compaction: { summary: string; keep: boolean } | undefined;
}

interface Step {
  reasoning: { text: string; opaque: JsonObject } | undefined;
  say: string[];
  calls: PlannedCall[];
  /** Results in the other order. */
  reversed: boolean;
  /** One entry for each part, as agents store it that have no message of several parts. */
  split: boolean;
}

interface PlannedCall {
  call: ToolCall;
  result: Omit<ToolResultPart, 'type' | 'callId'>;
}

/** Texts that stores and readers have been seen to trip over. */
const HARD_TEXTS = [
  'a\u2028b\u2029c',
  '\u0000\u0001\u001b[31mred\u001b[0m\u007f',
  '👩‍👩‍👧‍👦 é e\u0301 漢字 \u202eright',
  '\ufeffmark',
  '<system-reminder>\nnot a reminder\n</system-reminder>',
  '<command-name>/clear</command-name>',
  '<environment_context>x</environment_context>',
  '<task-notification>x</task-notification>',
  '# AGENTS.md instructions for /x',
  '[Request interrupted by user]',
  '/compact',
  '!ls',
  '@file',
  '  leading and trailing  ',
  '\n\nlines\r\nand returns\r',
  '{"type":"user","uuid":"x"}',
  '"quoted" \\ back\\\\slash',
  'Exit code 3\nboom',
  'Exit code: 3\nOutput:\nboom',
  'Process exited with code 3\nOutput:\nboom',
  '<tool_use_error>wrapped</tool_use_error>',
  '<persisted-output>\nOutput too large (106.3KB). Full output saved to: /etc/passwd\n</persisted-output>',
  '(no content)',
  '[no result recorded]',
];

/** Well-formed text with something to read in it. */
export const arbitraryText: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }) },
    { weight: 3, arbitrary: fc.constantFrom(...HARD_TEXTS) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }) },
  )
  .map((text) => text.toWellFormed())
  .filter((text) => !isBlank(text));

/** A small image, as the model holds it. */
const arbitraryImage: fc.Arbitrary<ImagePart> = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((bytes) => ({
    type: 'image',
    mediaType: 'image/png',
    data: Buffer.from(bytes).toString('base64'),
  }));

const name = fc
  .stringMatching(/^[a-z][a-z0-9_-]{0,11}$/)
  .filter((word) => !word.includes('__') && !word.endsWith('_'));
const arbitraryPath = fc
  .array(fc.oneof(name, fc.constantFrom('a b', "it's", 'é漢', '.hidden')), { minLength: 1, maxLength: 3 })
  .map((parts) => `/${parts.join('/')}`);

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}

/** Drops the members that are undefined, as readers do. */
function lean<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

const patchLines = fc.array(
  fc.tuple(fc.constantFrom(' ', '-', '+'), fc.constantFrom('one', 'two', 'three', '  indented', '')),
  { minLength: 1, maxLength: 6 },
);
const arbitraryHunk = fc
  .record({ context: maybe(fc.constant('def f():')), lines: patchLines })
  .map(({ context, lines }) => lean({ context, lines: lines.map(([mark, line]) => mark + line) }));
const arbitraryChange: fc.Arbitrary<PatchChange> = fc.oneof(
  fc.record({ change: fc.constant('add' as const), path: arbitraryPath, content: arbitraryText }),
  fc.record({ change: fc.constant('delete' as const), path: arbitraryPath }),
  fc
    .record({
      change: fc.constant('update' as const),
      path: arbitraryPath,
      moveTo: maybe(arbitraryPath),
      hunks: fc.array(arbitraryHunk, { minLength: 1, maxLength: 3 }),
    })
    .map(lean),
);

const planItem = fc.record({
  text: arbitraryText,
  status: fc.constantFrom(
    'pending' as const,
    'in_progress' as const,
    'completed' as const,
    'cancelled' as const,
  ),
});

/** Inputs for each canonical tool. Optional members are sometimes there; paths are absolute. */
export const arbitraryInputs = {
  execute: fc
    .record({
      command: arbitraryText,
      cwd: maybe(arbitraryPath),
      timeoutMs: maybe(fc.integer({ min: 1, max: 600 }).map((seconds) => seconds * 1000)),
      background: maybe(fc.constant(true)),
      description: maybe(arbitraryText),
    })
    .map(lean),
  read: fc
    .record({
      path: arbitraryPath,
      offset: maybe(fc.integer({ min: 1, max: 9999 })),
      limit: maybe(fc.integer({ min: 1, max: 9999 })),
    })
    .map(lean),
  write: fc.record({ path: arbitraryPath, content: arbitraryText }),
  edit: fc.record({
    path: arbitraryPath,
    edits: fc.array(
      fc
        .record({ oldText: arbitraryText, newText: arbitraryText, replaceAll: maybe(fc.constant(true)) })
        .map(lean),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  patch: fc.record({ changes: fc.array(arbitraryChange, { minLength: 1, maxLength: 3 }) }),
  list: fc.record({ path: arbitraryPath }),
  glob: fc.record({ pattern: arbitraryText, path: maybe(arbitraryPath) }).map(lean),
  grep: fc
    .record({
      pattern: arbitraryText,
      path: maybe(arbitraryPath),
      glob: maybe(fc.constant('*.ts')),
      ignoreCase: maybe(fc.constant(true)),
    })
    .map(lean),
  web_fetch: fc.record({ url: fc.webUrl(), prompt: maybe(arbitraryText) }).map(lean),
  web_search: fc.record({ query: arbitraryText }),
  task: fc
    .record({ prompt: arbitraryText, description: maybe(arbitraryText), agentType: maybe(name) })
    .map(lean),
  plan: fc
    .record({
      items: fc.array(planItem, { minLength: 1, maxLength: 4 }),
      explanation: maybe(arbitraryText),
    })
    .map(lean),
  mcp: fc.record({
    server: name,
    tool: name,
    arguments: fc.dictionary(name, fc.oneof(arbitraryText, fc.integer(), fc.boolean()), { maxKeys: 3 }),
  }),
  other: fc.record({
    name: name.map((word) => `foreign_${word}`),
    input: fc.oneof(
      fc.dictionary(name, fc.oneof(arbitraryText, fc.integer()), { maxKeys: 3 }),
      fc.constant({}),
    ),
  }),
};

/** Any canonical call. */
export const arbitraryCall: fc.Arbitrary<ToolCall> = fc.oneof(
  ...Object.entries(arbitraryInputs).map(([tool, input]) =>
    (input as fc.Arbitrary<object>).map((value) => ({ tool, input: value }) as ToolCall),
  ),
);

function arbitraryResult(options: ArbitraryOptions): fc.Arbitrary<PlannedCall['result']> {
  const { failures = ['error', 'interrupted'], exitCodes = true, accepts } = options;
  const text: fc.Arbitrary<ResultContent> = arbitraryText.map((said) => ({ type: 'text', text: said }));
  const items = accepts.images.result ? fc.oneof({ weight: 5, arbitrary: text }, arbitraryImage) : text;
  const content = fc.oneof(
    { weight: 1, arbitrary: fc.constant<ResultContent[]>([]) },
    { weight: 6, arbitrary: fc.array(text, { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.array(items, { minLength: 1, maxLength: 3 }) },
  );
  const outcome = fc.constantFrom('ok' as const, 'ok' as const, ...failures);
  return fc
    .record({ outcome, coded: fc.boolean(), code: fc.constantFrom(1, 2, 127, 130, 255), content })
    .map(({ outcome: status, coded, code, content: said }) => ({
      status,
      content: said,
      ...(exitCodes && coded ? { exitCode: status === 'ok' ? 0 : code } : {}),
    }));
}

function turn(options: ArbitraryOptions): fc.Arbitrary<Turn> {
  const { accepts, opaque } = options;
  const text: fc.Arbitrary<TextPart> = arbitraryText.map((said) => ({
    type: 'text',
    text: guard(said, accepts),
  }));
  const said: fc.Arbitrary<Part> = accepts.images.user
    ? fc.oneof({ weight: 5, arbitrary: text }, arbitraryImage)
    : text;
  const reasoning =
    opaque === undefined ? fc.constant(undefined) : maybe(fc.record({ text: arbitraryText, opaque }));
  const step = fc.record({
    reasoning,
    say: fc.array(arbitraryText, { maxLength: 2 }),
    calls: fc.array(fc.record({ call: arbitraryCall, result: arbitraryResult(options) }), { maxLength: 3 }),
    reversed: fc.boolean(),
    split: fc.boolean(),
  });
  return fc.record({
    prompt: fc.array(said, { minLength: 1, maxLength: 2 }),
    steps: fc.array(step, { maxLength: 3 }),
    answer: maybe(arbitraryText),
    compaction: accepts.compaction
      ? fc.option(fc.record({ summary: arbitraryText, keep: fc.boolean() }), { nil: undefined, freq: 4 })
      : fc.constant(undefined),
  });
}

function guard(text: string, accepts: Acceptance): string {
  const { guardedPrefixes } = accepts;
  return guardedPrefixes !== undefined && text.search(guardedPrefixes) === 0 ? `\u200B${text}` : text;
}

function build(
  plan: { turns: Turn[]; timed: boolean; model: string | undefined },
  options: ArbitraryOptions,
): GeneratedSession {
  const { accepts, tools, cwd = '/home/dev/project' } = options;
  const prepared: Entry[] = [];
  const expected: Entry[] = [];
  let calls = 0;

  for (const { prompt, steps, answer, compaction } of plan.turns) {
    const first = prepared.length;
    message('user', 'human', prompt);
    for (const step of steps) {
      const natives = step.calls.flatMap(nativeCalls);
      const opaque = step.reasoning;
      const spoken: Part[] = step.say.map((text) => ({ type: 'text', text }));
      if (opaque !== undefined && accepts.reasoningVendor !== undefined && spoken.length + natives.length > 0)
        spoken.unshift({ type: 'reasoning', vendor: accepts.reasoningVendor, ...opaque });
      const parts = [...spoken, ...natives.map(({ call }) => call)];
      const messages = step.split ? parts.map((part) => [part]) : [parts];
      for (const each of messages) if (each.length > 0) message('assistant', 'agent', each);
      const ordered = step.reversed ? natives.toReversed() : natives;
      if (ordered.length > 0)
        message(
          'user',
          'agent',
          ordered.map(({ call, result }) => ({
            ...result,
            content: tools.writeResult?.(call, result) ?? result.content,
          })),
          ordered.map(({ result }) => result),
        );
    }
    if (answer !== undefined) message('assistant', 'agent', [{ type: 'text', text: answer }]);
    if (compaction !== undefined) {
      const keeps = compaction.keep ? prepared.slice(first).map((entry) => entry.id) : [];
      push({ ...base(), type: 'compaction', summary: compaction.summary, keeps });
    }
  }
  return { prepared: session(prepared), expected: session(expected) };

  function base() {
    const n = prepared.length;
    return {
      id: `e${n}`,
      parentId: n === 0 ? null : `e${n - 1}`,
      evidence: [],
      ...(plan.timed ? { time: new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString() } : {}),
    };
  }

  function push(entry: Entry, readBack: Entry = entry): void {
    prepared.push(entry);
    expected.push(readBack);
  }

  function message(
    role: 'user' | 'assistant',
    origin: MessageEntry['origin'],
    parts: Part[],
    readBack: Part[] = parts,
  ): void {
    const entry: MessageEntry = { ...base(), type: 'message', role, origin, parts };
    if (role === 'assistant') {
      if (plan.model !== undefined) entry.model = plan.model;
      entry.usage = { input: 10, output: 20 };
    }
    push(entry, { ...entry, parts: readBack });
  }

  /** As `prepare` does it: the target's own calls, or the foreign call; several calls share the outcome. */
  function nativeCalls({ call, result }: PlannedCall): { call: ToolCallPart; result: ToolResultPart }[] {
    const own = tools.write(call, cwd);
    const natives: NativeCall[] =
      own !== undefined && own.length > 0
        ? own
        : accepts.foreignTools === 'structured'
          ? [foreignCall(call)]
          : [];
    return natives.map((native, n) => {
      const callId = accepts.callId.prefix + String(calls++).padStart(24, 'a');
      const part: ToolCallPart = { type: 'tool_call', callId, native, ...tools.read(native, cwd) };
      const { exitCode, ...rest } = result;
      const outcome =
        n === 0
          ? rest
          : { status: rest.status, content: [{ type: 'text' as const, text: `[part ${n + 1}]` }] };
      const code = n === 0 && part.tool === 'execute' && exitCode !== undefined ? { exitCode } : {};
      return { call: part, result: { type: 'tool_result', callId, ...outcome, ...code } };
    });
  }

  function session(entries: Entry[]): Session {
    return {
      info: {
        agent: 'generated',
        id: 'generated',
        title: 'Generated',
        cwd,
        models: plan.model === undefined ? [] : [plan.model],
        lineage: [],
      },
      entries: () => entries,
      branches: [],
      subagents: [],
      diagnostics: [],
    };
  }
}

function foreignCall(call: ToolCall): NativeCall {
  if (call.tool !== 'other')
    return { name: `foreign_${call.tool}`, input: JSON.parse(JSON.stringify(call.input)) };
  return { name: call.input.name, input: call.input.input };
}
