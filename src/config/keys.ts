/** The keys of `.segue.yml`. Those of `.continues.yml` are the same where they exist there. */
import { presetNames } from '../handoff/options.ts';

export type KeyType = 'number' | 'boolean' | 'preset';

export interface Key {
  type: KeyType;
  /** What it sets, one line. */
  about: string;
  /** Known from `.continues.yml` but without a meaning here; accepted and reported. */
  idle?: boolean;
  /** Another key that it sets. */
  alias?: string;
}

const idle = (type: KeyType, about: string): Key => ({ type, about, idle: true });

/** Dotted key → what it takes. The one table for validation, `segue config` and the documentation. */
export const keys: Record<string, Key> = {
  preset: { type: 'preset', about: `base of all other values: ${presetNames.join(', ')}` },
  budget: { type: 'number', about: 'tokens (o200k) that a handoff may take' },
  redact: { type: 'boolean', about: 'mask secrets; a project file cannot turn it off' },
  recentMessages: { type: 'number', about: 'messages, calls and results of the last turn, at most' },
  maxMessageChars: { type: 'number', about: 'characters of one recent message, at most' },
  'shell.maxSamples': { type: 'number', about: 'commands shown in the activity summary' },
  'shell.stdoutLines': { type: 'number', about: 'lines of output shown for a command' },
  'shell.stderrLines': { type: 'number', about: 'lines shown for a failure' },
  'shell.maxChars': idle('number', 'characters of output; the budget decides'),
  'shell.showCommand': idle('boolean', 'always shown'),
  'shell.showExitCode': idle('boolean', 'always shown'),
  'read.maxSamples': { type: 'number', about: 'files read, shown in the activity summary' },
  'read.maxChars': idle('number', 'contents of read files are never copied'),
  'read.showLineRange': idle('boolean', 'not shown'),
  'write.maxSamples': { type: 'number', about: 'files written, shown in the activity summary' },
  'write.diffLines': { type: 'number', about: 'lines shown of a file made in the session' },
  'write.maxChars': idle('number', 'the budget decides'),
  'edit.maxSamples': { type: 'number', about: 'files edited, shown in the activity summary' },
  'edit.diffLines': { type: 'number', about: "lines of a file's net change" },
  'edit.maxChars': idle('number', 'the budget decides'),
  'grep.maxSamples': { type: 'number', about: 'searches shown in the activity summary' },
  'grep.maxChars': idle('number', 'search results are not copied'),
  'grep.showPattern': idle('boolean', 'always shown'),
  'grep.matchLines': idle('number', 'search results are not copied'),
  'mcp.maxSamples': { type: 'number', about: 'MCP calls shown for each tool' },
  'mcp.maxSamplesPerNamespace': { type: 'number', about: 'same as mcp.maxSamples', alias: 'mcp.maxSamples' },
  'mcp.paramChars': idle('number', 'arguments are not copied'),
  'mcp.resultChars': idle('number', 'results are not copied'),
  'mcp.thinkingTools.extractReasoning': idle('boolean', 'not read'),
  'mcp.thinkingTools.maxReasoningChars': idle('number', 'not read'),
  'task.maxSamples': { type: 'number', about: 'subagent tasks shown in the activity summary' },
  'task.includeSubagentResults': { type: 'boolean', about: 'tell what subagents reported' },
  'task.subagentResultChars': { type: 'number', about: "characters of one subagent's report" },
  'task.recurseSubagents': idle('boolean', 'reports of subagents only'),
  'thinking.include': { type: 'boolean', about: 'look for decisions and failures in readable reasoning' },
  'thinking.maxChars': idle('number', 'sentences are chosen by the budget'),
  'thinking.maxHighlights': idle('number', 'sentences are chosen by the budget'),
  'compactSummary.maxChars': { type: 'number', about: 'characters of a compaction summary' },
  'pendingTasks.maxTasks': { type: 'number', about: 'open steps of the plan, at most' },
  'pendingTasks.extractFromThinking': idle('boolean', 'the plan comes from plan tools'),
  'pendingTasks.extractFromSubagents': idle('boolean', 'the plan comes from plan tools'),
};

/** Top-level sections whose content is not checked: other programs' settings. */
export const foreignSections = ['agents'];

/** Section of overrides by target agent: `targets.<agent>.<key>`. */
export const TARGETS = 'targets';
