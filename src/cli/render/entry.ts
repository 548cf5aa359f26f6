/** Entries of a session as text. */
import type { Entry, Part, ToolResultPart } from '../../model/session.ts';
import { stripControls } from '../../model/text.ts';
import type { Style } from '../../terminal/style.ts';
import { callLine, mark } from './call.ts';

export interface EntryStyle {
  style: Style;
  /** Long texts and results whole. */
  full: boolean;
}

const TEXT_LINES = 24;
const RESULT_LINES = 6;
/** A single line of minified output must not fill the screen either. */
const LINE_CHARACTERS = 400;

/** Lines for one entry; `number` is its place in the session, from 1. */
export function entryLines(entry: Entry, number: number, options: EntryStyle): string[] {
  const { dim } = options.style;
  const time = entry.time === undefined ? '' : dim(`  ${entry.time.slice(0, 19).replace('T', ' ')}`);
  return [`${dim(`#${number}`)} ${heading(entry, options.style)}${time}`, ...body(entry, options), ''];
}

function heading(entry: Entry, { bold, cyan, green, yellow, dim }: Style): string {
  switch (entry.type) {
    case 'message': {
      if (entry.origin === 'harness') return dim(`${entry.role} (injected by the agent program)`);
      if (entry.role === 'assistant')
        return green(bold('assistant')) + dim(entry.model ? ` ${stripControls(entry.model)}` : '');
      return entry.origin === 'human' ? cyan(bold(entry.role)) : dim('tool results');
    }
    case 'compaction':
      return yellow('context compacted');
    case 'event':
      return yellow(entry.event);
    case 'plan':
      return yellow('plan');
  }
}

function body(entry: Entry, options: EntryStyle): string[] {
  switch (entry.type) {
    case 'message':
      if (entry.origin === 'harness' && !options.full)
        return [`  ${options.style.dim(harnessNote(entry.parts))}`];
      return entry.parts.flatMap((part) => partLines(part, options));
    case 'compaction':
      return block(
        entry.summary === '' ? '[summary in a form that only its vendor can read]' : entry.summary,
        TEXT_LINES,
        options,
      );
    case 'event': {
      const resets = entry.limit?.resetsAt === undefined ? '' : ` (resets ${entry.limit.resetsAt})`;
      return entry.text === undefined && resets === ''
        ? []
        : block(`${entry.text ?? ''}${resets}`, TEXT_LINES, options);
    }
    case 'plan':
      return entry.items.map((item) => `  ${mark(item.status)} ${stripControls(item.text)}`);
  }
}

function harnessNote(parts: readonly Part[]): string {
  const characters = parts.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 0), 0);
  return `[${characters} characters]`;
}

function partLines(part: Part, options: EntryStyle): string[] {
  const { dim, yellow } = options.style;
  switch (part.type) {
    case 'text':
      return block(part.text, TEXT_LINES, options);
    case 'reasoning':
      return part.text === ''
        ? [`  ${dim('[reasoning, readable by its vendor only]')}`]
        : block(part.text, RESULT_LINES, options).map(dim);
    case 'tool_call':
      return [`  ${yellow('→')} ${callLine(part)}`];
    case 'tool_result':
      return resultLines(part, options);
    case 'image':
      return [
        `  ${dim(`[image ${stripControls(part.mediaType)}${part.path ? ` ${stripControls(part.path)}` : ''}]`)}`,
      ];
    case 'file':
      return [`  ${dim(`[file ${stripControls(part.path ?? part.name ?? '')}]`)}`];
  }
}

function resultLines(part: ToolResultPart, options: EntryStyle): string[] {
  const { dim, red, green } = options.style;
  const exit = part.exitCode === undefined ? '' : ` exit ${part.exitCode}`;
  const state = part.status === 'ok' ? green(`←${exit || ' ok'}`) : red(`← ${part.status}${exit}`);
  const text = part.content
    .map((item) => (item.type === 'text' ? item.text : `[image ${item.mediaType}]`))
    .join('\n');
  const cut = part.truncated ? dim('  [cut by the agent]') : '';
  return [`  ${state}${cut}`, ...(text === '' ? [] : block(text, RESULT_LINES, options).map(dim))];
}

function block(text: string, most: number, { full, style }: EntryStyle): string[] {
  const lines = stripControls(text).replace(/\s+$/, '').split('\n');
  const shown = full || lines.length <= most + 1 ? lines : lines.slice(0, most);
  const out = shown.map((line) => `  ${full ? line : cutLine(line)}`);
  if (shown.length < lines.length) out.push(`  ${style.dim(`… ${lines.length - shown.length} more lines`)}`);
  return out;
}

function cutLine(line: string): string {
  return line.length <= LINE_CHARACTERS
    ? line
    : `${line.slice(0, LINE_CHARACTERS).toWellFormed()}… (${line.length} characters)`;
}
