/** Handoff documents as the person's configuration and options want them. */
import { loadConfig } from '../config/load.ts';
import { type Handoff, loadTokenCounter, makeHandoff, type Redactor, redactText } from '../handoff/index.ts';
import type { Env } from '../io/paths.ts';
import type { Session } from '../model/session.ts';
import type { OptionValues } from './invocation.ts';

/** Masks secrets, or leaves everything as it is. */
export function redactor(redact: boolean): Redactor {
  return redact ? redactText : (text) => ({ text, count: 0 });
}

/** Makes the document for the agent that will read it; its settings apply. */
export async function handoffOf(
  session: Session,
  options: OptionValues,
  env: Env,
  target: string | undefined,
): Promise<Handoff> {
  const flags = {
    preset: options.text('preset'),
    budget: options.count('budget'),
    redact: options.has('no-redact') ? false : undefined,
  };
  const config = loadConfig(env, process.cwd(), flags, target);
  return makeHandoff(session, config.handoff, await loadTokenCounter(), redactor(config.redact));
}
