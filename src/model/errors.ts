/** Exit codes of the command; the same numbers are in the README. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  limit: 5,
  interrupted: 130,
} as const;

/** Stable codes: scripts may match on them. Each belongs to one exit code. */
const exitByCode = {
  'bad-usage': exitCodes.usage,
  'unknown-agent': exitCodes.usage,
  'bad-config': exitCodes.usage,
  'session-not-found': exitCodes.notFound,
  'session-ambiguous': exitCodes.notFound,
  'receipt-not-found': exitCodes.notFound,
  'not-a-session': exitCodes.failed,
  unreadable: exitCodes.failed,
  'write-failed': exitCodes.failed,
  'verify-failed': exitCodes.failed,
  'store-locked': exitCodes.failed,
  'launch-failed': exitCodes.failed,
  'import-failed': exitCodes.failed,
  'no-writer': exitCodes.refused,
  'already-exists': exitCodes.refused,
  'not-installed': exitCodes.refused,
  'cannot-resume': exitCodes.refused,
  'cwd-missing': exitCodes.refused,
  'changed-since': exitCodes.refused,
  'nothing-to-transfer': exitCodes.refused,
  'limit-reached': exitCodes.limit,
  interrupted: exitCodes.interrupted,
} as const;

export type ErrorCode = keyof typeof exitByCode;

export interface ErrorDetail {
  /** What the person can do about it, one line. */
  hint?: string;
  cause?: unknown;
  /** Possible meanings, for an ambiguous or unknown reference. */
  candidates?: string[];
}

/** An error that segue knows: a stable code, a clear line, and a hint. Anything else that is thrown is a bug. */
export class SegueError extends Error {
  override readonly name = 'SegueError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly candidates: string[] | undefined;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.hint = detail.hint;
    this.candidates = detail.candidates;
  }

  /** The documented exit code for this error. */
  get exitCode(): number {
    return exitByCode[this.code];
  }
}

/** `segue.error/1`: what a failed command prints with `--json`. */
export interface ErrorEnvelope {
  schema: 'segue.error/1';
  error: {
    /** Stable: scripts may match on it. `internal` is a bug in segue. */
    code: string;
    message: string;
    /** What can be done about it. */
    hint?: string;
    /** What may have been meant. */
    candidates?: string[];
  };
}

/** The `code` of a Node system error (`ENOENT`, `EACCES`, …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}
