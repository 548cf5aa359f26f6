/** `segue convert` */
import { loadAgent } from '../../agents/registry.ts';
import { resolveRef } from '../../index/resolve.ts';
import { exitCodes, SegueError } from '../../model/errors.ts';
import type { TransferEnvelope, TransferFailure } from '../../transfer/envelope.ts';
import { applyTransfer, dryRun, planTransfer, type TransferResult } from '../../transfer/index.ts';
import { describe, report } from '../errors.ts';
import { parseFit, tellCut, wantedCut } from '../fit.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { transferLines } from '../render/transfer.ts';
import { repair } from '../repair.ts';

export async function run({ args, options, terminal, env }: Invocation): Promise<number> {
  const names = options.list('to');
  if (names === undefined) {
    throw new SegueError('bad-usage', 'which agent? --to is missing', {
      hint: 'segue convert REF --to codex',
    });
  }
  const targets = await Promise.all(names.map(loadAgent));
  const json = options.has('json');
  const fit = parseFit(options.text('fit'));
  await repair(env, terminal);
  const { agent: source, ref } = await resolveRef(args, env);

  const transfers: TransferResult[] = [];
  const failures: TransferFailure[] = [];
  let exit: number = exitCodes.done;
  for (const target of targets) {
    try {
      const session = source.read(ref, { env });
      const cut = await wantedCut(session, ref.bytes, target, fit, env);
      if (cut !== undefined && !json) tellCut(cut, target, terminal);
      const planned = planTransfer({ env, source, ref, session, target, cwd: options.text('cwd'), cut });
      const result = options.has('dry-run') ? dryRun(planned) : await applyTransfer(planned);
      transfers.push(result);
      if (!json) terminal.out.write(`${transferLines(result, env, terminal.style).join('\n')}\n`);
    } catch (error) {
      if (targets.length === 1) throw error;
      // one target's failure must not hide the others
      const { code, message, hint } = describe(error).error;
      failures.push({ agent: target.id, code, message, hint });
      if (exit === exitCodes.done) exit = error instanceof SegueError ? error.exitCode : exitCodes.failed;
      if (!json) report(error, false, terminal, env.vars);
    }
  }
  if (json) terminal.out.write(`${jsonText(envelope(transfers, failures, targets.length), 2)}\n`);
  return exit;
}

function envelope(
  transfers: TransferResult[],
  failures: TransferFailure[],
  targets: number,
): TransferEnvelope {
  const [only] = transfers;
  if (targets === 1 && only !== undefined) return only;
  return { schema: 'segue.transfer/1', transfers, errors: failures.length > 0 ? failures : undefined };
}
