/**
 * Makes a home directory full of sessions, the same for the same seed: Claude Code, Codex and Gemini CLI, sizes
 * log-normal (median about 150 kB, up to 40 MB), tool outputs, images, unicode. `truth.json` says what is in it.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

export interface Truth {
  agent: 'claude' | 'codex' | 'gemini';
  id: string;
  path: string;
  title: string;
  cwd: string;
  user: number;
  assistant: number;
  createdAt: string;
  updatedAt: string;
  bytes: number;
  /** A word that stands in this session only. */
  rare: string;
}

export interface Corpus {
  home: string;
  sessions: Truth[];
  bytes: number;
}

export const sizes = { small: 60, medium: 2000, large: 10_000 } as const;
export type Size = keyof typeof sizes;
export const whales: Partial<Record<Size, Whale>> = { large: { bytes: 200e6 } };

const SEED = 7;
const NOW = Date.UTC(2026, 10, 1);
const DAY = 86_400e3;

/**
 * What makes a very long session long. `bulk`: long outputs and pictures. `talk`: the short lines of the
 * other sessions, very many of them.
 */
export type Shape = 'bulk' | 'talk';

/** One extra, very long session. */
export interface Whale {
  bytes: number;
  /** Default: `bulk`. */
  shape?: Shape;
  /** Default: Claude Code. */
  agent?: Truth['agent'];
}

/** Makes (or finds) the corpus in `folder`. */
export function makeCorpus(folder: string, count: number, whale?: Whale): Corpus {
  const manifest = join(folder, 'truth.json');
  const key = `${count}:${JSON.stringify(whale)}:7`;
  if (existsSync(manifest)) {
    const known = JSON.parse(readFileSync(manifest, 'utf8')) as { key: string; sessions: Truth[] };
    if (known.key === key) return corpusOf(folder, known.sessions);
  }
  rmSync(folder, { recursive: true, force: true });
  const random = generator(SEED);
  const pool = textPool(random);
  const sessions: Truth[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = Math.min(Math.exp(Math.log(150e3) + 1.45 * gaussian(random)), 40e6);
    const agent = i % 5 < 3 ? 'claude' : i % 5 === 3 ? 'codex' : 'gemini';
    sessions.push(writeSession(folder, agent, i, bytes, random, pool));
  }
  if (whale !== undefined) {
    const { bytes, shape = 'bulk', agent = 'claude' } = whale;
    const own = shape === 'talk' ? pool : bulkPool(random, pool);
    sessions.push(writeSession(folder, agent, count, bytes, random, own));
  }
  writeFileSync(manifest, JSON.stringify({ key, sessions }));
  return corpusOf(folder, sessions);
}

function corpusOf(folder: string, sessions: Truth[]): Corpus {
  return { home: folder, sessions, bytes: sessions.reduce((sum, session) => sum + session.bytes, 0) };
}

function writeSession(
  home: string,
  agent: Truth['agent'],
  n: number,
  bytes: number,
  random: Random,
  pool: Pool,
): Truth {
  const start = NOW - Math.floor(random() * 300 * DAY);
  const hex = (n + 0x10000000).toString(16).slice(-8);
  const id = `${hex}-${fixed(random, 4)}-4${fixed(random, 3)}-8${fixed(random, 3)}-${fixed(random, 12)}`;
  const cwd = `/home/dev/work/project-${n % 90}`;
  const rare = `zq${n.toString(36)}x${fixed(random, 6)}`;
  const title = `${pick(random, VERBS)} the ${pick(random, NOUNS)} ${pick(random, NOUNS)} of part ${n}`;
  const path = placeOf(home, agent, id, cwd, start);
  mkdirSync(dirname(path), { recursive: true });
  if (agent === 'gemini') writeFileSync(join(dirname(path), '../.project_root'), cwd);
  const file = openSync(path, 'w');
  const truth: Truth = {
    agent,
    id,
    path,
    title,
    cwd,
    user: 0,
    assistant: 0,
    createdAt: '',
    updatedAt: '',
    bytes: 0,
    rare,
  };
  const writer = writers[agent]({ id, cwd, random, start });
  let buffer = '';
  let time = start;
  const put = (lines: string): void => {
    buffer += lines;
    if (buffer.length > 1 << 20) flush();
  };
  const flush = (): void => {
    truth.bytes += writeSync(file, buffer);
    buffer = '';
  };
  const tick = (): string => {
    time += 1000 + Math.floor(random() * 20_000);
    const stamp = new Date(time).toISOString();
    truth.createdAt ||= stamp;
    truth.updatedAt = stamp;
    return stamp;
  };
  put(writer.begin(new Date(start).toISOString()));
  for (let turn = 0; truth.bytes + buffer.length < bytes || turn === 0; turn++) {
    const prompt = turn === 0 ? title : `${pick(random, VERBS)} ${pick(random, pool.sentences)}`;
    put(writer.prompt(tick(), prompt));
    truth.user++;
    const steps = 1 + Math.floor(random() * 5);
    for (let step = 0; step < steps; step++) {
      const output = step === 0 && turn === 0 ? `${rare} ` : '';
      put(
        writer.step(
          tick(),
          tick(),
          pick(random, pool.sentences),
          pick(random, COMMANDS),
          `${output}${pick(random, pool.outputs)}`,
          random() < pool.imageShare ? pick(random, pool.images) : undefined,
        ),
      );
      truth.assistant++;
    }
    put(writer.answer(tick(), `${pick(random, pool.sentences)} ${pick(random, pool.sentences)}`));
    truth.assistant++;
  }
  flush();
  closeSync(file);
  utimesSync(path, time / 1000, time / 1000);
  return truth;
}

function placeOf(home: string, agent: Truth['agent'], id: string, cwd: string, start: number): string {
  if (agent === 'claude')
    return join(home, '.claude/projects', cwd.replace(/[^a-zA-Z0-9]/g, '-'), `${id}.jsonl`);
  const iso = new Date(start).toISOString();
  if (agent === 'codex') {
    const day = iso.slice(0, 10).replaceAll('-', '/');
    return join(home, '.codex/sessions', day, `rollout-${iso.slice(0, 19).replaceAll(':', '-')}-${id}.jsonl`);
  }
  return join(
    home,
    '.gemini/tmp',
    cwd.slice(cwd.lastIndexOf('/') + 1),
    'chats',
    `session-${iso.slice(0, 16).replace(':', '-')}-${id.slice(0, 8)}.jsonl`,
  );
}

interface Writer {
  begin(time: string): string;
  prompt(time: string, text: string): string;
  /** An assistant message with a command, and its result. Texts are JSON string bodies (escaped). */
  step(
    time: string,
    resultTime: string,
    text: string,
    command: string,
    output: string,
    image: string | undefined,
  ): string;
  answer(time: string, text: string): string;
}

interface WriterOptions {
  id: string;
  cwd: string;
  random: Random;
  start: number;
}

const writers: Record<Truth['agent'], (options: WriterOptions) => Writer> = {
  // members and their order as Claude Code 2.1.330 writes them (measured)
  claude({ id, cwd, random }) {
    let parent = 'null';
    let serial = 0;
    const uuid = (): string =>
      `${fixed(random, 8)}-${fixed(random, 4)}-4${fixed(random, 3)}-9${fixed(random, 3)}-${fixed(random, 12)}`;
    const head = (): string => `{"parentUuid":${parent},"isSidechain":false,`;
    const tail = (time: string, details: string): string => {
      const own = uuid();
      parent = `"${own}"`;
      return `"uuid":"${own}","timestamp":"${time}",${details},"userType":"external","entrypoint":"cli","cwd":"${cwd}","sessionId":"${id}","version":"2.1.330","gitBranch":"main"}\n`;
    };
    const usage =
      '"usage":{"input_tokens":1200,"cache_creation_input_tokens":0,"cache_read_input_tokens":40000,"output_tokens":220,"output_tokens_details":{"thinking_tokens":0},"server_tool_use":{"web_search_requests":0,"web_fetch_requests":0},"service_tier":"standard","cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":0},"inference_geo":"","iterations":[],"speed":"standard","fallback_credit":null},"stop_details":null';
    const assistant = (
      time: string,
      message: string,
      reason: string,
      blocks: readonly string[],
      first = 0,
    ): string =>
      blocks
        .map(
          (block, index) =>
            `${head()}"message":{"id":"${message}","type":"message","role":"assistant","model":"claude-opus-5-5","content":[${block}],"stop_reason":"${reason}","stop_sequence":null,${usage}},"apiBlockIndex":${first + index},"requestRef":"${uuid()}","requestedModel":"claude-opus-5-5","promptCacheRequested":"5m","type":"assistant",${tail(time, '"effort":"medium","perTurnEffort":"medium","madeBy":"model"')}`,
        )
        .join('');
    return {
      begin: () => '',
      prompt: (time, text) =>
        `${head()}"promptId":"${uuid()}","type":"user","message":{"role":"user","content":"${text}"},${tail(time, '"permissionMode":"default","promptSource":"typed","turnOrigin":"human","turnPosition":{"promptIndex":0,"turnIndex":1}')}`,
      step(time, resultTime, text, command, output, image) {
        // calls of one response may run side by side: each result hangs on its call
        const calls = Array.from(
          { length: random() < 0.3 ? 2 : 1 },
          () => `toolu_${++serial}${fixed(random, 20)}`,
        );
        const message = `msg_${fixed(random, 20)}`;
        let lines = assistant(time, message, 'tool_use', [`{"type":"text","text":"${text}"}`]);
        const blocks: string[] = [];
        for (const [index, call] of calls.entries()) {
          lines += assistant(
            time,
            message,
            'tool_use',
            [
              `{"type":"tool_use","id":"${call}","name":"Bash","input":{"command":"${command}","description":"run it"}}`,
            ],
            index + 1,
          );
          blocks.push(parent);
        }
        for (const [index, call] of calls.entries()) {
          const content =
            image === undefined || index > 0
              ? `"${output}"`
              : `[{"type":"text","text":"${output}"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${image}"}}]`;
          parent = blocks[index] ?? parent;
          const details = `"toolUseResult":{"stdout":"${output}","stderr":"","interrupted":false,"isImage":false,"noOutputExpected":false},"sandboxed":false,"sourceToolAssistantUUID":${parent},"permissionDecision":{"decision":"accept","source":"config","reasonType":"mode"}`;
          lines += `${head()}"promptId":"${uuid()}","type":"user","message":{"role":"user","content":[{"tool_use_id":"${call}","type":"tool_result","content":${content},"is_error":false}]},${tail(resultTime, details)}`;
        }
        return lines;
      },
      answer: (time, text) =>
        assistant(time, `msg_${fixed(random, 20)}`, 'end_turn', [`{"type":"text","text":"${text}"}`]),
    };
  },
  codex({ id, cwd, random }) {
    let ordinal = 0;
    let turn = 0;
    const line = (time: string, type: string, payload: string): string =>
      `{"timestamp":"${time}","ordinal":${ordinal++},"type":"${type}","payload":${payload}}\n`;
    const item = (time: string, body: string): string =>
      line(
        time,
        'event_msg',
        `{"type":"item_completed","thread_id":"${id}","turn_id":"turn-${turn}","item":${body}}`,
      );
    return {
      // the prompt comes after some 30 KB of instructions (measured on 0.171.0), and what the project has of its own
      begin: (time) =>
        line(
          time,
          'session_meta',
          `{"id":"${id}","session_id":"${id}","timestamp":"${time}","cwd":"${cwd}","originator":"codex_cli_rs","cli_version":"0.171.0","source":"cli","base_instructions":{"text":"${rules(21_000)}"},"history_mode":"paginated","git":{"branch":"main","commit_hash":"${fixed(random, 40)}"}}`,
        ) +
        line(
          time,
          'response_item',
          `{"type":"message","role":"developer","content":[{"type":"input_text","text":"${rules(7000)}"}]}`,
        ) +
        line(
          time,
          'response_item',
          `{"type":"message","role":"user","content":[{"type":"input_text","text":"# AGENTS.md instructions for ${cwd}\\n\\n<INSTRUCTIONS>\\n${rules(Math.floor(random() * 20_000))}\\n</INSTRUCTIONS>"}]}`,
        ),
      prompt: (time, text) =>
        line(time, 'event_msg', `{"type":"task_started","turn_id":"turn-${++turn}","started_at":1}`) +
        line(
          time,
          'turn_context',
          `{"turn_id":"turn-${turn}","cwd":"${cwd}","model":"gpt-5.5-codex","approval_policy":"never"}`,
        ) +
        line(
          time,
          'response_item',
          `{"type":"message","role":"user","content":[{"type":"input_text","text":"${text}"}]}`,
        ) +
        item(time, `{"type":"UserMessage","id":"u${ordinal}","content":[{"type":"text","text":"${text}"}]}`),
      step(time, resultTime, text, command, output) {
        const call = `call_${fixed(random, 22)}`;
        return (
          line(
            time,
            'response_item',
            `{"type":"message","role":"assistant","content":[{"type":"output_text","text":"${text}"}]}`,
          ) +
          item(
            time,
            `{"type":"AgentMessage","id":"a${ordinal}","content":[{"type":"Text","text":"${text}"}]}`,
          ) +
          line(
            time,
            'response_item',
            `{"type":"function_call","name":"exec_command","arguments":"{\\"cmd\\":\\"${command}\\"}","call_id":"${call}"}`,
          ) +
          item(
            resultTime,
            `{"type":"CommandExecution","id":"${call}","command":["bash","-lc","${command}"],"cwd":"file://${cwd}","parsed_cmd":[],"source":"unified_exec_startup","status":"completed","aggregated_output":"${output}","exit_code":0}`,
          ) +
          line(
            resultTime,
            'response_item',
            `{"type":"function_call_output","call_id":"${call}","output":"Chunk ID: a1b2c3\\nWall time: 0.1 seconds\\nProcess exited with code 0\\nOutput:\\n${output}"}`,
          )
        );
      },
      answer: (time, text) =>
        line(
          time,
          'response_item',
          `{"type":"message","role":"assistant","content":[{"type":"output_text","text":"${text}"}]}`,
        ) +
        item(
          time,
          `{"type":"AgentMessage","id":"a${ordinal}","content":[{"type":"Text","text":"${text}"}]}`,
        ) +
        line(
          time,
          'event_msg',
          `{"type":"task_complete","turn_id":"turn-${turn}","last_agent_message":"done"}`,
        ),
    };
  },
  gemini({ id, random, start }) {
    const message = (time: string, type: string, content: string, rest = ''): string =>
      `{"id":"${fixed(random, 8)}-${fixed(random, 12)}","timestamp":"${time}","type":"${type}","content":${content}${rest}}\n`;
    return {
      begin: (time) =>
        `{"sessionId":"${id}","projectHash":"${fixed(random, 64)}","startTime":"${new Date(start).toISOString()}","lastUpdated":"${time}","kind":"main"}\n`,
      prompt: (time, text) => message(time, 'user', `[{"text":"${text}"}]`),
      step(time, resultTime, text, command, output) {
        const call = `call-${fixed(random, 12)}`;
        return (
          message(
            time,
            'gemini',
            `[{"text":"${text}"},{"functionCall":{"id":"${call}","name":"run_shell_command","args":{"command":"${command}"}}}]`,
            ',"model":"gemini-3.5-pro"',
          ) +
          message(
            resultTime,
            'user',
            `[{"functionResponse":{"id":"${call}","name":"run_shell_command","response":{"output":"${output}"}}}]`,
          )
        );
      },
      answer: (time, text) =>
        message(time, 'gemini', `[{"text":"${text}"}]`, ',"model":"gemini-3.5-pro"') +
        `{"$set":{"lastUpdated":"${time}"}}\n`,
    };
  },
};

type Random = () => number;

interface Pool {
  sentences: string[];
  outputs: string[];
  images: string[];
  /** Share of the results that hold a picture. */
  imageShare: number;
}

/** Texts to draw from, as bodies of JSON strings. */
function textPool(random: Random): Pool {
  const sentences = Array.from({ length: 1500 }, () =>
    body(
      `${words(random, 6 + Math.floor(random() * 24))}.${random() < 0.06 ? ' 日本語の説明 🙂 größer' : ''}`,
    ),
  );
  const outputs = outputTexts(random, 600, 900, 30_000);
  const images = Array.from({ length: 6 }, () =>
    Buffer.from(
      Array.from({ length: 60_000 + Math.floor(random() * 120_000) }, () => Math.floor(random() * 256)),
    ).toString('base64'),
  );
  return { sentences, outputs, images, imageShare: 0.004 };
}

function bulkPool(random: Random, pool: Pool): Pool {
  return { ...pool, outputs: outputTexts(random, 300, 8000, 200_000), imageShare: 0.02 };
}

/** Outputs of log-normal length, as bodies of JSON strings. */
function outputTexts(random: Random, count: number, median: number, longest: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const length = Math.min(Math.exp(Math.log(median) + 1.5 * gaussian(random)), longest);
    let text = '';
    while (text.length < length)
      text += `${pick(random, LINES)}${words(random, 4 + Math.floor(random() * 9))} ${i}\n`;
    return body(text);
  });
}

function body(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function words(random: Random, n: number): string {
  return Array.from({ length: n }, () => pick(random, WORDS)).join(' ');
}

function generator(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random());
}

function fixed(random: Random, length: number): string {
  let text = '';
  while (text.length < length)
    text += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, length);
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

const VERBS = [
  'Fix',
  'Refactor',
  'Explain',
  'Test',
  'Rewrite',
  'Profile',
  'Document',
  'Migrate',
  'Simplify',
  'Review',
];
const NOUNS = [
  'parser',
  'cache',
  'login',
  'scheduler',
  'invoice',
  'renderer',
  'queue',
  'schema',
  'client',
  'index',
  'session',
  'worker',
];
const COMMANDS = [
  'npm test',
  'git status --short',
  'rg -n TODO src',
  'cat src/server.ts',
  'go test ./...',
  'cargo build',
  'pytest -q',
  'ls -la',
  'make check',
  'docker ps',
];
const LINES = [
  'src/server.ts:42: ',
  'ok  ',
  'error: ',
  '  at Object.<anonymous> ',
  '+ ',
  '- ',
  '[info] ',
  'PASS ',
  'warning E_CONN_RESET: ',
  '',
];
const WORDS =
  'the a request handler returns response when token expired user session value null error type index file path write read buffer stream parse object array string number boolean promise async await function class module import export default const let return throw catch finally server client socket port timeout retry queue worker thread lock cache key map list tree node edge graph search sort filter reduce compute update delete insert select table column row schema migration commit branch merge rebase deploy release version config option flag test assert expect mock coverage lint format build bundle compile'.split(
    ' ',
  );

/** Instructions of about this length, as they stand in JSON. */
function rules(length: number): string {
  const rule = 'Say what you do before you do it, and \\"never\\" guess.\\n';
  return rule.repeat(Math.ceil(length / rule.length));
}
