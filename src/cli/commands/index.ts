/** `segue index` */
import { openFullIndex } from '../../index/fullindex.ts';
import { exitCodes } from '../../model/errors.ts';
import { counted } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { withProgress } from '../progress.ts';
import { warn } from '../warn.ts';

export async function run({ options, terminal, env }: Invocation): Promise<number> {
  const { index, diagnostics, texts } = await withProgress(terminal, 'indexing', (progress) =>
    openFullIndex(env, progress),
  );
  index.close();
  for (const { agent, message } of diagnostics) warn(terminal, `${agent}: ${message}`);
  if (options.has('json')) terminal.out.write(`${jsonText({ schema: 'segue.index/1', read: texts }, 2)}\n`);
  else terminal.out.write(`${counted(texts, 'session')} read\n`);
  return exitCodes.done;
}
