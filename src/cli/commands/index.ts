/** `segue index` */
import { openFullIndex } from '../../index/fullindex.ts';
import { exitCodes } from '../../model/errors.ts';
import { counted } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { withProgress } from '../progress.ts';
import { warn } from '../warn.ts';

/** `segue.index/1`: what `index --json` prints. */
export interface IndexEnvelope {
  schema: 'segue.index/1';
  /** Sessions whose text was read. */
  read: number;
}

export async function run({ options, terminal, env }: Invocation): Promise<number> {
  const { index, diagnostics, texts } = await withProgress(terminal, 'indexing', (progress) =>
    openFullIndex(env, { progress, beside: true }),
  );
  index.close();
  for (const { agent, message } of diagnostics) warn(terminal, `${agent}: ${message}`);
  const envelope: IndexEnvelope = { schema: 'segue.index/1', read: texts };
  if (options.has('json')) terminal.out.write(`${jsonText(envelope, 2)}\n`);
  else terminal.out.write(`${counted(texts, 'session')} read\n`);
  return exitCodes.done;
}
