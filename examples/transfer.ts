/** Hands a session over, says what was carried, and takes it back: `node transfer.ts REF AGENT DIR`. */
import { applyTransfer, dryRun, planTransfer, SegueError, undo } from 'segue-cli';

const [ref = 'last', to = 'codex', cwd = process.cwd()] = process.argv.slice(2);
try {
  const planned = await planTransfer({ ref, to, cwd });
  const { toolCalls } = dryRun(planned).fidelity;
  console.log(`${toolCalls.native + toolCalls.translated} of ${toolCalls.source} tool calls stay tool calls`);

  const { target, resume, receipt } = await applyTransfer(planned);
  console.log(`written: ${target.agent}:${target.id}`);
  console.log(`go on with: ${resume?.display ?? 'the agent itself'}`);

  if (receipt !== null) await undo({ receipt });
  console.log('taken back');
} catch (error) {
  if (!(error instanceof SegueError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = error.exitCode;
}
