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

/** Makes documents for the agent that will read them; its settings apply. */
export async function handoffMaker(
  options: OptionValues,
  env: Env,
  target: string | undefined,
): Promise<(session: Session) => Handoff> {
  const flags = {
    preset: options.text('preset'),
    budget: options.count('budget'),
    redact: options.has('no-redact') ? false : undefined,
  };
  const { handoff, redact } = await loadConfig(env, process.cwd(), flags, target);
  const count = await loadTokenCounter();
  return (session) => makeHandoff(session, handoff, count, redactor(redact));
}
