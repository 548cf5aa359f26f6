/**
 * The scripted model: directives in the last prompt decide the reply. One directive is one model step:
 *   RUN: command            call the agent's shell tool (to the end of the line)
 *   CALL: tool {json}       call that tool (also `TOOL:`); for tools that take text, a JSON string
 *   SAY: "text"             answer with this text (JSON string), last
 *   BIG: n                  answer with one line of n characters
 *   THINK                   reasoning comes before the first step
 *   RATE-LIMIT[-UNIFIED]    HTTP 429; with -UNIFIED with the headers of a subscription limit
 * Without directives the reply is `MOCK-REPLY #n`, n counting prompts in the request.
 */

import { asArray, asNumber, asObject, asString, asText } from '../../../src/model/narrow.ts';
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';
import type { Item, ModelRequest, Reply, ReplyCall, ToolOffer } from './conversation.ts';

export type Decision = { kind: 'reply'; reply: Reply } | { kind: 'limit'; unified: boolean };

type Step = { run: string } | { call: string; input: JsonValue };

/** Blocks that harnesses put around or beside prompts; directives inside them do not count. */
const HARNESS_BLOCK =
  /<(system-reminder|environment_context|environment_details|session_context|user_instructions|current_datetime|context|attached_files|supervisor|system_reminder|reminder|system_context|available_skills|memory)\b[^>]*>[\s\S]*?<\/\1>|<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>[\s\S]*?<<<END_OPENCLAW_INTERNAL_CONTEXT>>>|(?:^|\n\n)Runtime: agent=\S+ \| session=[\s\S]*$|^(?:Image file at path [^\n]*|Attached image)$/g;

/** What the scripted model does with a request. */
export function decide(request: ModelRequest): Decision {
  const { prompt, index, count } = lastPrompt(request.items);
  const limit = /\bRATE-LIMIT(-UNIFIED)?\b/.exec(prompt);
  if (limit !== null) return { kind: 'limit', unified: limit[1] !== undefined };
  const steps = parseSteps(prompt);
  const done = request.items.slice(index + 1).filter((item) => item.kind === 'call').length;
  const reasoning =
    done === 0 && /\bTHINK\b/.test(prompt)
      ? `Thinking about step ${count}: weigh the options first.`
      : undefined;
  const step = steps[done];
  // a request that offers no tools is a side job of the agent (a title, a summary)
  if (step === undefined || request.tools.length === 0)
    return { kind: 'reply', reply: { reasoning, text: answer(prompt, count), calls: [] } };
  const call =
    'run' in step ? shellCall(request.tools, step.run) : namedCall(request.tools, step.call, step.input);
  return { kind: 'reply', reply: { reasoning, text: `MOCK-STEP #${count}.${done + 1}`, calls: [call] } };
}

function answer(prompt: string, count: number): string {
  const big = /\bBIG: (\d+)/.exec(prompt);
  if (big?.[1] !== undefined)
    return `MOCK-BIG #${count} ${'0123456789abcdef'.repeat(Math.ceil(Number(big[1]) / 16))}`;
  const say = /\bSAY: (?=")/.exec(prompt);
  const text = say === null ? undefined : asString(jsonAt(prompt, say.index + say[0].length)?.value);
  return text ?? `MOCK-REPLY #${count}`;
}

/** The last user text that is not the harness's, its place in `items`, and how many prompts there are. */
export function lastPrompt(items: Item[]): { prompt: string; index: number; count: number } {
  let found = { prompt: '', index: -1, count: 0 };
  let count = 0;
  for (const [index, item] of items.entries()) {
    if (item.kind !== 'text' || item.role !== 'user') continue;
    const prompt = item.text.replace(HARNESS_BLOCK, '').trim();
    if (prompt === '' || /^<\w+[^>]*>$/.test(prompt) || /^<\/\w+>$/.test(prompt)) continue;
    count += 1;
    found = { prompt, index, count };
  }
  return found;
}

function parseSteps(prompt: string): Step[] {
  const steps: Step[] = [];
  const pattern = /\b(RUN|CALL|TOOL):[ \t]*/g;
  for (let match = pattern.exec(prompt); match !== null; match = pattern.exec(prompt)) {
    const start = match.index + match[0].length;
    if (match[1] === 'RUN') {
      const end = prompt.indexOf('\n', start);
      const line = prompt.slice(start, end < 0 ? undefined : end);
      steps.push({ run: line.replace(/(\s*<\/[\w-]+>)+\s*$/, '').trim() });
      pattern.lastIndex = start + line.length;
    } else {
      const name = /^[\w./:-]+/.exec(prompt.slice(start, start + 200))?.[0] ?? '';
      const input = jsonAt(prompt, start + name.length);
      if (name === '' || input === undefined) continue;
      steps.push({ call: name, input: input.value });
      pattern.lastIndex = input.end;
    }
  }
  return steps;
}

/** The JSON value (object or string) that starts at or after `from`, and where it ends. */
function jsonAt(text: string, from: number): { value: JsonValue; end: number } | undefined {
  const start = text.slice(from).search(/\S/) + from;
  const string = text[start] === '"';
  if (!string && text[start] !== '{') return undefined;
  let depth = 0;
  let inString = false;
  for (let i = start; i < text.length; i++) {
    const c = text[i];
    if (inString) {
      if (c === '\\') i++;
      else if (c === '"') inString = false;
      if (!(string && !inString)) continue;
    } else if (c === '"') {
      inString = true;
      continue;
    } else if (c === '{') depth++;
    else if (c === '}') depth--;
    if (depth === 0 && !inString && (c === '}' || (string && i > start))) {
      try {
        return { value: JSON.parse(text.slice(start, i + 1)) as JsonValue, end: i + 1 };
      } catch {
        return undefined;
      }
    }
  }
  return undefined;
}

/** Names of shell tools, best first. */
const SHELL_TOOLS = [
  'exec_command',
  'shell_command',
  'shell',
  'run_shell_command',
  'run_terminal_command',
  'run_commands',
  'bash',
  'execute',
  'execute_command',
  'launch-process',
  'run_command',
  'terminal',
  'exec',
];

/** The call of the agent's own shell tool for one command line. */
function shellCall(tools: ToolOffer[], command: string): ReplyCall {
  const tool = SHELL_TOOLS.map((name) => tools.find((t) => t.name.toLowerCase() === name)).find(
    (t) => t !== undefined,
  );
  if (tool === undefined) return { name: 'shell', input: { command } };
  const properties = asObject(tool.schema.properties) ?? {};
  const key = ['command', 'cmd', 'commands', 'script'].find((k) => k in properties) ?? 'command';
  return {
    name: tool.name,
    namespace: tool.namespace,
    input: fill(tool.schema, { [key]: shellValue(key, properties[key], command) }),
  };
}

function shellValue(key: string, schema: JsonValue | undefined, command: string): JsonValue {
  const type = asObject(schema)?.type;
  if (key === 'commands') return [command];
  return type === 'array' ? ['bash', '-lc', command] : command;
}

function namedCall(tools: ToolOffer[], name: string, input: JsonValue): ReplyCall {
  const tool =
    tools.find((t) => t.name === name) ?? tools.find((t) => t.name.toLowerCase() === name.toLowerCase());
  if (tool === undefined) return { name, input };
  const object = asObject(input);
  return {
    name: tool.name,
    namespace: tool.namespace,
    text: tool.text,
    input: object === undefined || tool.text === true ? input : fill(tool.schema, object),
  };
}

/** Adds plausible values for required properties that the directive did not give. */
function fill(schema: JsonObject, given: JsonObject): JsonObject {
  const properties = asObject(schema.properties) ?? {};
  const filled: JsonObject = { ...given };
  for (const name of asArray(schema.required) ?? [])
    if (typeof name === 'string' && !(name in filled))
      filled[name] = plausible(name, asObject(properties[name]) ?? {});
  return filled;
}

function plausible(name: string, schema: JsonObject): JsonValue {
  const first = asArray(schema.enum)?.[0];
  if (first !== undefined) return first;
  const type =
    asText(schema.type) ?? asText(asArray(schema.type)?.[0]) ?? (schema.properties ? 'object' : 'string');
  if (type === 'boolean') return /wait/.test(name);
  if (type === 'integer' || type === 'number') return asNumber(schema.minimum) ?? 30;
  if (type === 'array') return [];
  if (type === 'object') return fill(schema, {});
  return 'scripted step';
}
