/** `segue undo` */
import { exitCodes } from '../../model/errors.ts';
import { stripControls } from '../../model/text.ts';
import type { ReceiptList } from '../../transfer/envelope.ts';
import { listReceipts, undo } from '../../transfer/index.ts';
import { ago, shortPath } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { repair } from '../repair.ts';
import { table } from '../table.ts';
import { warn } from '../warn.ts';

export async function run({ args, options, terminal, env }: Invocation): Promise<number> {
  await repair(env, terminal);
  if (options.has('list')) return list({ options, terminal, env });
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

function list({ options, terminal, env }: Pick<Invocation, 'options' | 'terminal' | 'env'>): number {
  const receipts = listReceipts(env);
  if (options.has('json')) {
    const envelope: ReceiptList = { schema: 'segue.receipts/1', receipts };
    terminal.out.write(`${jsonText(envelope, 2)}\n`);
    return exitCodes.done;
  }
  if (receipts.length === 0) {
    terminal.err.write('no transfers yet\n');
    return exitCodes.done;
  }
  const now = Date.now();
  const rows = receipts.map(({ id, createdAt, undoneAt, source, target }) => [
    id,
    ago(Date.parse(createdAt), now),
    stripControls(`${source.agent}:${source.id}`),
    stripControls(`${target.agent}:${target.id}`),
    undoneAt === undefined ? '' : 'undone',
  ]);
  const columns = [{ head: 'RECEIPT' }, { head: 'WHEN' }, { head: 'FROM' }, { head: 'TO' }, { head: '' }];
  for (const line of table(columns, rows, terminal.width, terminal.style)) terminal.out.write(`${line}\n`);
  return exitCodes.done;
}
