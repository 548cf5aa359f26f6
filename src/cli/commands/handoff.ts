/** `segue handoff` */

import { loadAgent } from '../../agents/registry.ts';
import type { Handoff } from '../../handoff/index.ts';
import { handoffReading } from '../../handoff/options.ts';
import { resolveRef } from '../../index/resolve.ts';
import { writePrivateFile } from '../../io/files.ts';
import { exitCodes, SegueError, systemCode } from '../../model/errors.ts';
import { counted } from '../format.ts';
import { handoffMaker } from '../handoff.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { tell } from '../warn.ts';

/** `segue.handoff/1`: what `handoff --json` prints. */
export interface HandoffEnvelope extends Omit<Handoff, 'budget'> {
  schema: 'segue.handoff/1';
  source: { agent: string; id: string; path: string };
  /** null: no limit. */
  budget: number | null;
}

export async function run({ args, options, terminal, env }: Invocation): Promise<number> {
  const forAgent = options.text('for');
  const target = forAgent === undefined ? undefined : (await loadAgent(forAgent)).id;
  const { agent, ref } = await resolveRef(args, env);
  const make = await handoffMaker(options, env, target);
  const handoff = make(agent.read(ref, { env }, handoffReading));
  if (options.has('json')) {
    const { budget, ...rest } = handoff;
    const envelope: HandoffEnvelope = {
      schema: 'segue.handoff/1',
      source: { agent: agent.id, id: ref.id, path: ref.path },
      budget: Number.isFinite(budget) ? budget : null,
      ...rest,
    };
    terminal.out.write(`${jsonText(envelope, 2)}\n`);
    return exitCodes.done;
  }
  const file = options.text('output');
  if (file === undefined) terminal.out.write(handoff.text);
  else {
    try {
      writePrivateFile(file, handoff.text);
    } catch (error) {
      throw new SegueError('write-failed', `cannot write ${file} (${systemCode(error) ?? 'error'})`, {
        cause: error,
      });
    }
  }
  const of = Number.isFinite(handoff.budget) ? ` of ${handoff.budget}` : '';
  tell(
    terminal,
    `${handoff.tokens}${of} tokens (o200k)${handoff.redacted === 0 ? '' : `, ${counted(handoff.redacted, 'secret')} masked`}${file === undefined ? '' : `, in ${file}`}`,
  );
  return exitCodes.done;
}
