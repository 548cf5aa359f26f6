/** Commands by their last outcome, and failures that nothing later repaired. */
import type { ToolCallPart, ToolResultPart } from '../../model/session.ts';
import { cutLine, oneLine } from '../../model/text.ts';
import type { ToolName } from '../../model/tools.ts';
import type { CommandState, EntryRef, OpenError } from './types.ts';

const MAX_COMMANDS = 300;
const MAX_OUTPUT = 30_000;
/** A text of this length may stay in memory for its end. */
const MAX_KEPT = 4 * MAX_OUTPUT;
const CHANGING = new Set<ToolName>(['write', 'edit', 'patch', 'task', 'mcp']);

/** The last run of a command, with its output: read only when the session has ended. `order`: of last runs. */
type Run = Omit<CommandState, 'tellingLines' | 'superseded'> & { output: string; order: number };

export interface CommandCollector {
  /** `about` is what `target` says of the call. */
  add(call: ToolCallPart, about: string, result: ToolResultPart, ref: EntryRef): void;
  /** `mask` is applied to outputs before lines are taken from them. */
  result(mask: (text: string) => string): { commands: CommandState[]; errors: OpenError[] };
}

export function collectCommands(): CommandCollector {
  // runs stay where they are in it: a map in which much moves leaves its earlier tables behind, and those what was in them
  const commands = new Map<string, Run>();
  let order = 0;
  const toolErrors = new Map<string, Omit<OpenError, 'message'> & { output: string }>();

  return {
    add(call, about, result, ref) {
      if (call.tool !== 'execute') {
        // a look that found nothing is no error of the work
        if (!CHANGING.has(call.tool)) return;
        const key = `${call.tool === 'write' ? 'edit' : call.tool} ${about}`;
        toolErrors.delete(key);
        if (result.status === 'error') {
          toolErrors.set(key, { what: cutLine(key, 160), output: lastOutput(result), ref });
        }
        return;
      }
      const known = commands.get(about);
      const failed = result.status === 'error';
      commands.set(about, {
        command: about,
        runs: (known?.runs ?? 0) + 1,
        failures: (known?.failures ?? 0) + (failed ? 1 : 0),
        exitCode: result.exitCode,
        status: result.status,
        output: lastOutput(result),
        purpose: known?.purpose ?? purposeOf(about),
        ref,
        order: order++,
      });
      if (commands.size > MAX_COMMANDS) dropOldestLook(commands);
    },
    result(mask) {
      const runs = [...commands.values()].sort((a, b) => a.order - b.order);
      const list = runs.map(({ output, order: _, ...run }) => ({
        ...run,
        tellingLines: tellingLines(mask(output), run.status === 'error'),
        superseded: runs.some((other) => covers(other, run)),
      }));
      const failedTools = [...toolErrors.values()].map(({ output, ...error }) => ({
        ...error,
        message: tellingLines(mask(output), true).join('\n'),
      }));
      return {
        commands: list,
        errors: [...openErrors(list), ...failedTools].sort((a, b) => a.ref - b.ref),
      };
    },
  };
}

/** Failed commands that did not succeed later, neither as such nor in a form that covers them. */
function openErrors(commands: CommandState[]): OpenError[] {
  return commands
    .filter((command) => command.status === 'error' && command.purpose !== 'look')
    .filter((failed) => !commands.some((other) => other.status === 'ok' && covers(other, failed)))
    .filter((failed) => !commands.some((other) => other.status === 'error' && covers(other, failed)))
    .map((failed) => ({
      what: oneLine(
        `$ ${failed.command}${failed.exitCode === undefined ? '' : ` → exit ${failed.exitCode}`}`,
        240,
      ),
      message: failed.tellingLines.join('\n'),
      ref: failed.ref,
    }));
}

/**
 * Whether a later command makes an earlier one's outcome out of date. A check does when it is of the same kind and looks
 * at the same or more of the project; of other commands, the next run of the same program and subcommand does.
 */
export function covers(
  later: Pick<Run, 'ref' | 'purpose' | 'command'>,
  earlier: Pick<Run, 'ref' | 'purpose' | 'command'>,
): boolean {
  if (later.ref <= earlier.ref) return false;
  if (earlier.purpose !== 'verify') return head(later.command) === head(earlier.command);
  if (later.purpose !== 'verify') return false;
  if (kindOfCheck(later.command) !== kindOfCheck(earlier.command)) return false;
  const wide = scope(later.command);
  const narrow = scope(earlier.command);
  return wide.every((word) => narrow.some((own) => own === word || isInside(own, word)));
}

/** Program and subcommand. */
function head(command: string): string {
  const words = command.split(/\s+/);
  const subcommand = words.slice(1).find((word) => !word.startsWith('-'));
  return `${words[0]} ${subcommand ?? ''}`.toLowerCase();
}

/** What a check checks: the first of these words in it. */
function kindOfCheck(command: string): string {
  const kinds: [string, RegExp][] = [
    ['types', /\b(?:tsc|mypy|pyright|typecheck|type-check|types)\b/i],
    ['style', /\b(?:lint|eslint|biome|ruff|flake8|clippy|vet|checkstyle|prettier|fmt)\b/i],
    [
      'tests',
      /\b(?:tests?|spec|pytest|jest|vitest|mocha|tox|ctest|rspec|phpunit|verify|e2e|playwright|cypress)\b/i,
    ],
    ['build', /\b(?:build|compile|make|cmake|ninja|bazel)\b/i],
  ];
  return kinds.find(([, words]) => words.test(command))?.[0] ?? head(command);
}

/** The words of a check that restrict it: paths, names, filters; not the program, its subcommands or plain switches. */
function scope(command: string): string[] {
  const words = command.split(/\s+/).slice(1);
  return words.filter((word, i) => {
    if (word === '--' || word === '.' || word === './...') return false;
    if (/^-/.test(word)) return /^-[\w-]*=/.test(word);
    if (/^-/.test(words[i - 1] ?? '')) return true;
    return /[/.:*]|\d/.test(word) || !SUBCOMMAND.test(word);
  });
}

const SUBCOMMAND =
  /^(?:run|exec|x|test|tests|t|build|check|lint|vet|clippy|typecheck|verify|compile|all|validate|bench|ci|tsc|eslint|vitest|jest|mocha|pytest|mypy|ruff|biome|playwright|cypress|nox|tox)$/i;

function isInside(path: string, folder: string): boolean {
  return path.startsWith(`${folder.replace(/\/(?:\.\.\.)?$/, '')}/`);
}

/** The command without directory changes, environment settings and output plumbing. */
export function essence(command: string): string {
  return cutLine(
    command
      .trim()
      .replace(/^(?:cd\s+\S+\s*(?:&&|;)\s*)+/, '')
      .replace(/^(?:[A-Z_][A-Z0-9_]*=\S*\s+)+(?=\S)/, '')
      .replace(/\s*2>&1\s*(?:\|\s*(?:tail|head)\b[^|]*)?$/, '')
      .replace(/\s*\|\s*(?:tail|head)\b[^|]*$/, ''),
    400,
  );
}

/** What a command is for, by its program. */
export function purposeOf(command: string): CommandState['purpose'] {
  if (
    /\b(?:test|tests|spec|pytest|jest|vitest|mocha|tox|ctest|rspec|phpunit|junit|tsc|mypy|ruff|eslint|biome|flake8|clippy|lint|typecheck|check|build|compile|make|cmake|ninja|bazel|gradlew?|mvnw?|verify|validate|bench|e2e|playwright|cypress)\b/i.test(
      command,
    )
  )
    return 'verify';
  if (
    /^(?:sudo\s+)?(?:ls|ll|cat|bat|head|tail|less|pwd|echo|printf|which|whoami|env|date|wc|tree|stat|file|du|df|ps|grep|egrep|rg|ag|find|fd|sed -n|awk|jq|diff|git (?:status|log|diff|show|branch|blame|remote|stash list|ls-files)|history|type|man|true|sleep)\b/i.test(
      command,
    )
  )
    return 'look';
  if (
    /^(?:sudo\s+)?(?:git|npm|pnpm|yarn|bun|pip|uv|poetry|cargo|go|docker|kubectl|helm|terraform|mv|cp|rm|mkdir|touch|chmod|ln|sed -i|patch|tar|unzip|curl|wget|apt(?:-get)?|brew|psql|mysql|sqlite3|alembic|prisma|flyway|rake|bundle|composer|ssh|scp|rsync|systemctl|aws|gcloud|az)\b/i.test(
      command,
    )
  )
    return 'change';
  return 'other';
}

/** The lines of an output that say most: when it failed, those that look like errors, plainest first. */
export function tellingLines(text: string, failed: boolean): string[] {
  const lines = text
    .split('\n')
    .map((line) => cutLine(line, 300))
    .filter((line) => /[\p{L}\p{N}]/u.test(line));
  if (!failed) return lines.slice(-2);
  const ranks = lines.map(errorRank);
  const ranked = lines
    .map((line, i) => ({ line, i, rank: rankInPlace(ranks, i) + i / lines.length }))
    .filter(({ rank }) => rank >= 1)
    .sort((a, b) => b.rank - a.rank)
    .slice(0, 4)
    .map(({ line }) => line);
  return [...new Set(ranked.length === 0 ? lines.slice(-3) : ranked)];
}

/** 0: no error; 1: speaks of one; 2: has the form of one or names a place; 3: says as well what was wrong there. */
function errorRank(line: string): number {
  if (NOT_AN_ERROR.test(line)) return 0;
  const form = (ERROR_FORM.test(line) ? 1 : 0) + (LOCATION.test(line) ? 1 : 0);
  if (form > 0) return 1 + form + (DETAIL.test(line) ? 0.5 : 0);
  return ERROR_LINE.test(line) ? 1 : 0;
}

/** What stands right below an error explains it. */
function rankInPlace(ranks: number[], i: number): number {
  const above = Math.max(...ranks.slice(Math.max(i - 3, 0), i), 0);
  return Math.max(ranks[i] ?? 0, above >= 2 ? 1.5 : 0);
}

const ERROR_FORM =
  /^(?:E\s|\W*(?:\w+\.)*\w*(?:error|exception|panic\w*|fatal|fail(?:ed|ure)?)\b[\w[\]()]*(?::|\s+\S))|: (?:fatal |type )?error\b|^\d+:\d+\s+error\b/i;
const LOCATION = /[\w/-]+\.[a-z]{1,5}[:([]+\d+|\bline \d+/i;
const DETAIL = /['"`<[(].*['"`>\])]|[=!<>]=|\bexpected\b|\d/i;
const ERROR_LINE =
  /\b(?:\w*error\b|err!|fail(?:ed|ure|s|ing)?\b|exception|panick?(?:ed)?|fatal|traceback|cannot|can't|could not|couldn't|undefined|unresolved|not found|no such|denied|refused|expected|assert\w*|segfault|timed? ?out|unexpected|invalid|missing|mismatch|unsupported|E[A-Z]{4,})|✗|✘|×|❌|error\[E\d+\]|TS\d{4}/i;
const NOT_AN_ERROR = /\b0 (?:errors?|failures?|failed|failing)\b|\bno (?:errors?|failures?)\b/i;

/** The end of a result's text, from a line's start. Of a very long text a copy: a slice would keep all of it in memory. */
export function lastOutput(result: ToolResultPart): string {
  const text = resultText(result);
  if (text.length <= MAX_OUTPUT) return text;
  const end = text.slice(-MAX_OUTPUT);
  const lines = end.slice(end.indexOf('\n') + 1);
  return text.length <= MAX_KEPT ? lines : Buffer.from(lines).toString();
}

/** The text of a result. */
export function resultText(result: ToolResultPart): string {
  const [first, ...others] = result.content;
  if (first?.type === 'text' && others.length === 0) return first.text;
  return result.content
    .map((content) => (content.type === 'text' ? content.text : `[image ${content.mediaType}]`))
    .join('\n');
}

/** What a call is about, for one line. */
export function target(call: ToolCallPart): string {
  switch (call.tool) {
    case 'execute':
      return essence(call.input.command);
    case 'read':
    case 'write':
    case 'edit':
    case 'list':
      return call.input.path;
    case 'patch':
      return call.input.changes.map((change) => change.path).join(', ');
    case 'glob':
    case 'grep':
      return `${call.input.pattern}${call.input.path === undefined ? '' : ` in ${call.input.path}`}`;
    case 'web_fetch':
      return call.input.url;
    case 'web_search':
      return call.input.query;
    case 'task':
      return call.input.description ?? cutLine(call.input.prompt, 120);
    case 'plan':
      return `${call.input.items.length} steps`;
    case 'mcp':
      return `${call.input.server}.${call.input.tool}`;
    case 'other':
      return call.input.name;
  }
}

function dropOldestLook(commands: Map<string, Run>): void {
  const runs = [...commands.values()];
  const looks = runs.filter(({ purpose }) => purpose === 'look');
  let oldest: Run | undefined;
  for (const run of looks.length > 0 ? looks : runs)
    if (oldest === undefined || run.order < oldest.order) oldest = run;
  if (oldest !== undefined) commands.delete(oldest.command);
}
