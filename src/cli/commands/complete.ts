/** `segue complete`: called by the completion scripts. */
import { exitCodes } from '../../model/errors.ts';
import { complete } from '../complete.ts';
import type { Invocation } from '../invocation.ts';

export async function run({ flags, options, terminal, env }: Invocation): Promise<number> {
  const found = complete(options.has('next') ? [...flags, ''] : flags, env);
  // a line that begins with a colon asks the shell itself
  const lines = Array.isArray(found) ? found.map(({ value, what }) => `${value}\t${what}`) : [`:${found}`];
  if (lines.length > 0) terminal.out.write(`${lines.join('\n')}\n`);
  return exitCodes.done;
}
