/** What a handoff may hold. Presets set everything; configuration and flags override single values. */
import type { ReadOptions } from '../agents/contract.ts';
import type { ToolName } from '../model/tools.ts';

export const presetNames = ['minimal', 'standard', 'verbose', 'full'] as const;
export type Preset = (typeof presetNames)[number];

/** Key names are those of the configuration file (src/config/keys.ts). */
export interface HandoffOptions {
  preset: Preset;
  /** Tokens (o200k) that the document may take; Infinity for all. */
  budget: number;
  /** Messages, calls and results of the last turn shown, at most. */
  recentMessages: number;
  /** Characters of one recent message, at most. */
  maxMessageChars: number;
  shell: { maxSamples: number; stdoutLines: number; stderrLines: number };
  read: { maxSamples: number };
  write: { maxSamples: number; diffLines: number };
  edit: { maxSamples: number; diffLines: number };
  grep: { maxSamples: number };
  mcp: { maxSamples: number };
  task: { maxSamples: number; includeSubagentResults: boolean; subagentResultChars: number };
  /** Whether decisions and failures are also looked for in readable reasoning. */
  thinking: { include: boolean };
  /** Characters of a summary that the source agent made when it compacted. */
  compactSummary: { maxChars: number };
  pendingTasks: { maxTasks: number };
}

/** How a session is read for a handoff: no section looks at more of one text. Of an output without error the end is told. */
export const handoffReading: ReadOptions = { clip: 64 << 10, clipOutput: 12 << 10 };

const ALL = Number.POSITIVE_INFINITY;

function preset(
  name: Preset,
  budget: number,
  recentMessages: number,
  maxMessageChars: number,
  samples: number,
  lines: number,
  diffLines: number,
): HandoffOptions {
  return {
    preset: name,
    budget,
    recentMessages,
    maxMessageChars,
    shell: { maxSamples: samples, stdoutLines: lines, stderrLines: lines },
    read: { maxSamples: samples },
    write: { maxSamples: samples, diffLines },
    edit: { maxSamples: samples, diffLines },
    grep: { maxSamples: samples },
    mcp: { maxSamples: samples },
    task: { maxSamples: samples, includeSubagentResults: true, subagentResultChars: lines * 400 },
    thinking: { include: true },
    compactSummary: { maxChars: name === 'full' ? ALL : lines * 1000 },
    pendingTasks: { maxTasks: ALL },
  };
}

export const presets: Record<Preset, HandoffOptions> = {
  minimal: preset('minimal', 1500, 6, 1200, 1, 2, 12),
  standard: preset('standard', 6000, 14, 4000, 3, 4, 40),
  verbose: preset('verbose', 16_000, 30, 8000, 5, 5, 120),
  full: preset('full', ALL, 120, ALL, 8, 5, ALL),
};

/** Below this nothing useful fits. */
export const MIN_BUDGET = 200;

/** Samples shown for a tool, by the configuration's category for it. */
export function samplesFor(tool: ToolName, options: HandoffOptions): number {
  switch (tool) {
    case 'read':
    case 'write':
    case 'edit':
    case 'mcp':
    case 'task':
      return options[tool].maxSamples;
    case 'patch':
      return options.edit.maxSamples;
    case 'grep':
    case 'glob':
    case 'list':
      return options.grep.maxSamples;
    default:
      return options.shell.maxSamples;
  }
}
