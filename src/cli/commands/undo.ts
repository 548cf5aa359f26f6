/** `segue undo` */
import { exitCodes } from '../../model/errors.ts';
import { stripControls } from '../../model/text.ts';
import { undo } from '../../transfer/index.ts';
import { shortPath } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { repair } from '../repair.ts';
import { warn } from '../warn.ts';

export async function run({ args, options, terminal, env }: Invocation): Promise<number> {
  await repair(env, terminal);
  const result = await undo({ env, receipt: args[0], force: options.has('force') });
  if (options.has('json')) terminal.out.write(`${jsonText(result, 2)}\n`);
  else {
    const { target } = result;
    terminal.out.write(`${target.agent}:${stripControls(target.id)} is gone; it was in\n`);
    for (const path of target.paths) terminal.out.write(`  ${shortPath(path, env)}\n`);
    for (const { message, path } of result.problems) warn(terminal, `${message}${path ? `: ${path}` : ''}`);
  }
  return result.problems.length > 0 ? exitCodes.failed : exitCodes.done;
}
