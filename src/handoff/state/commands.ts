/** Commands by their last outcome, and failures that nothing later repaired. */
import type { ToolCallPart, ToolResultPart } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import type { CommandState, EntryRef, OpenError } from './types.ts';

const MAX_COMMANDS = 300;

export interface CommandCollector {
  add(call: ToolCallPart, result: ToolResultPart, ref: EntryRef): void;
  result(): { commands: CommandState[]; errors: OpenError[] };
}

export function collectCommands(): CommandCollector {
  const commands = new Map<string, CommandState>();
  const toolErrors = new Map<string, OpenError>();

  return {
    add(call, result, ref) {
      const text = resultText(result);
      if (call.tool !== 'execute') {
        const key = `${call.tool} ${target(call)}`;
        toolErrors.delete(key);
        if (result.status === 'error') {
          toolErrors.set(key, { what: oneLine(key, 160), message: tellingLines(text, true).join('\n'), ref });
        }
        return;
      }
      const command = essence(call.input.command);
      const known = commands.get(command);
      const failed = result.status === 'error';
      commands.delete(command); // re-inserted at the end: order of last run
      commands.set(command, {
        command,
        runs: (known?.runs ?? 0) + 1,
        failures: (known?.failures ?? 0) + (failed ? 1 : 0),
        exitCode: result.exitCode,
        status: result.status,
        tellingLines: tellingLines(text, failed),
        purpose: purposeOf(command),
        ref,
      });
      if (commands.size > MAX_COMMANDS) dropOldestLook(commands);
    },
    result() {
      const list = [...commands.values()];
      return {
        commands: list,
        errors: [...openErrors(list), ...toolErrors.values()].sort((a, b) => a.ref - b.ref),
      };
    },
  };
}

/** Failed commands that did not succeed later, neither as such nor as another form of the same program's work. */
function openErrors(commands: CommandState[]): OpenError[] {
  return commands
    .filter((command) => command.status === 'error' && command.purpose !== 'look')
    .filter(
      (failed) =>
        !commands.some(
          (other) =>
            other.ref > failed.ref &&
            other.status === 'ok' &&
            family(other.command) === family(failed.command),
        ),
    )
    .map((failed) => ({
      what: oneLine(
        `$ ${failed.command}${failed.exitCode === undefined ? '' : ` → exit ${failed.exitCode}`}`,
        240,
      ),
      message: failed.tellingLines.join('\n'),
      ref: failed.ref,
    }));
}

/** The command without directory changes, environment settings and output plumbing. */
export function essence(command: string): string {
  return oneLine(
    command
      .trim()
      .replace(/^(?:cd\s+\S+\s*(?:&&|;)\s*)+/, '')
      .replace(/^(?:[A-Z_][A-Z0-9_]*=\S*\s+)+(?=\S)/, '')
      .replace(/\s*2>&1\s*(?:\|\s*(?:tail|head)\b[^|]*)?$/, '')
      .replace(/\s*\|\s*(?:tail|head)\b[^|]*$/, ''),
    400,
  );
}

function family(command: string): string {
  return command.split(/\s+/).slice(0, 2).join(' ').toLowerCase();
}

/** What a command is for, by its program. */
export function purposeOf(command: string): CommandState['purpose'] {
  if (
    /\b(?:test|tests|spec|pytest|jest|vitest|mocha|tox|ctest|rspec|phpunit|junit|tsc|mypy|ruff|eslint|biome|flake8|clippy|lint|typecheck|check|build|compile|make|cmake|ninja|bazel|gradlew?|mvnw?|verify|bench|e2e|playwright|cypress)\b/i.test(
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

/** The lines of an output that say most: errors first when it failed, else the last ones. */
export function tellingLines(text: string, failed: boolean): string[] {
  const lines = lastPart(text, 60_000)
    .split('\n')
    .map((line) => oneLine(line, 300))
    .filter((line) => line !== '');
  if (!failed) return lines.slice(-2);
  const telling = lines.filter((line) => ERROR_LINE.test(line) && !NOT_AN_ERROR.test(line));
  const chosen = telling.length === 0 ? lines.slice(-3) : [...telling.slice(0, 3), ...telling.slice(-2)];
  return [...new Set(chosen)].slice(0, 5);
}

const ERROR_LINE =
  /\b(?:\w*error\b|err!|fail(?:ed|ure|s|ing)?\b|exception|panick?(?:ed)?|fatal|traceback|cannot|can't|could not|couldn't|undefined|unresolved|not found|no such|denied|refused|expected|assert\w*|segfault|timed? ?out|unexpected|invalid|missing|mismatch|unsupported|E[A-Z]{4,})|✗|✘|×|❌|error\[E\d+\]|TS\d{4}/i;
const NOT_AN_ERROR = /\b0 (?:errors?|failures?|failed|failing)\b|\bno (?:errors?|failures?)\b/i;

function lastPart(text: string, max: number): string {
  return text.length <= max ? text : text.slice(-max);
}

/** The text of a result. */
export function resultText(result: ToolResultPart): string {
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
      return call.input.description ?? oneLine(call.input.prompt, 120);
    case 'plan':
      return `${call.input.items.length} steps`;
    case 'mcp':
      return `${call.input.server}.${call.input.tool}`;
    case 'other':
      return call.input.name;
  }
}

function dropOldestLook(commands: Map<string, CommandState>): void {
  for (const [key, command] of commands) {
    if (command.purpose === 'look') {
      commands.delete(key);
      return;
    }
  }
  const oldest = commands.keys().next();
  if (!oldest.done) commands.delete(oldest.value);
}
