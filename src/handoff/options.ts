/** What a handoff may hold. Presets set everything; configuration and flags override single values. */

export type Preset = 'minimal' | 'standard' | 'verbose' | 'full';

export interface HandoffOptions {
  preset: Preset;
  /** Tokens (o200k) that the document may take; Infinity for all. */
  budget: number;
  /** Messages of the last turns shown, at most. */
  recentMessages: number;
  /** Characters of one recent message, at most. */
  maxMessageChars: number;
  /** Samples per tool in the activity summary. */
  maxSamples: number;
  /** Lines of a command's output shown. */
  stdoutLines: number;
  /** Lines of a file's net diff, at most. */
  diffLines: number;
}

export const presets: Record<Preset, HandoffOptions> = {
  minimal: {
    preset: 'minimal',
    budget: 1500,
    recentMessages: 6,
    maxMessageChars: 1200,
    maxSamples: 1,
    stdoutLines: 2,
    diffLines: 12,
  },
  standard: {
    preset: 'standard',
    budget: 6000,
    recentMessages: 14,
    maxMessageChars: 4000,
    maxSamples: 3,
    stdoutLines: 4,
    diffLines: 40,
  },
  verbose: {
    preset: 'verbose',
    budget: 16_000,
    recentMessages: 30,
    maxMessageChars: 8000,
    maxSamples: 5,
    stdoutLines: 5,
    diffLines: 120,
  },
  full: {
    preset: 'full',
    budget: Number.POSITIVE_INFINITY,
    recentMessages: 120,
    maxMessageChars: Number.POSITIVE_INFINITY,
    maxSamples: 8,
    stdoutLines: 5,
    diffLines: Number.POSITIVE_INFINITY,
  },
};

/** Below this nothing useful fits. */
export const MIN_BUDGET = 200;
