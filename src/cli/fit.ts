/** `--fit`: long sessions are cut so that the target can take them. */
import type { Agent } from '../agents/contract.ts';
import type { Cut } from '../handoff/index.ts';
import type { Env } from '../io/paths.ts';
import { SegueError } from '../model/errors.ts';
import type { Session } from '../model/session.ts';
import type { Terminal } from './terminal.ts';
import { tell } from './warn.ts';

/** Tokens to fit into; `auto`: the target's context, when it is known. */
export type Fit = number | 'auto' | 'none';

const LEAST = 4000;

/** Parses the option's value. Throws `bad-usage`. */
export function parseFit(text: string | undefined): Fit {
  if (text === undefined || text === 'auto') return 'auto';
  if (text === 'none') return 'none';
  const tokens = Number(text);
  if (!Number.isSafeInteger(tokens) || tokens < LEAST) {
    throw new SegueError(
      'bad-usage',
      `--fit needs a number of tokens of ${LEAST} or more, "auto" or "none", not "${text}"`,
    );
  }
  return tokens;
}

/** Where to cut the session for this target; undefined when it fits. A file below a byte a token cannot be too long. */
export async function wantedCut(
  session: Session,
  bytes: number,
  target: Agent,
  fit: Fit,
  env: Env,
): Promise<Cut | undefined> {
  const limit = fit === 'auto' ? target.launch.contextTokens : fit === 'none' ? undefined : fit;
  if (limit === undefined || bytes < limit) return undefined;
  // most sessions fit: what cuts them is not loaded for the others
  const { loadConfig } = await import('../config/load.ts');
  const { cutToFit, loadTokenCounter, redactText } = await import('../handoff/index.ts');
  const { redact } = await loadConfig(env, process.cwd(), {}, target.id);
  // the summary is a handoff like any other: masked, unless the person's configuration says otherwise
  return cutToFit(
    session,
    limit,
    await loadTokenCounter(),
    redact ? redactText : (text) => ({ text, count: 0 }),
  );
}

export function tellCut(cut: Cut, target: Agent, terminal: Terminal): void {
  tell(
    terminal,
    `about ${thousands(cut.tokens.before)} tokens: the oldest ${cut.before} entries are told by a handoff, so that ${target.name} reads about ${thousands(cut.tokens.after)} (--fit none carries all)`,
  );
}

/** `12,300` */
export function thousands(count: number): string {
  return count.toLocaleString('en-US');
}
