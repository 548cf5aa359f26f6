/** `segue resume` */
import type { Agent, CommandLine, LaunchRequest } from '../../agents/contract.ts';
import { loadAgent } from '../../agents/registry.ts';
import { summarize } from '../../index/catalog.ts';
import { findExact, resolveRef } from '../../index/resolve.ts';
import { realDir } from '../../io/paths.ts';
import { shellLine } from '../../launch/quote.ts';
import { checkLaunch, resumeCommand, run as runAgent } from '../../launch/run.ts';
import { exitCodes, SegueError } from '../../model/errors.ts';
import { alreadyTransferred, applyTransfer, planTransfer } from '../../transfer/index.ts';
import { counted } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { repair } from '../repair.ts';
import type { Terminal } from '../terminal.ts';
import { tell } from '../warn.ts';

export async function run(invocation: Invocation): Promise<number> {
  const { args, options, flags, terminal, env } = invocation;
  const headless = options.has('headless');
  const prompt = options.text('prompt');
  if (headless && prompt === undefined) {
    throw new SegueError('bad-usage', '--headless needs --prompt: there is nobody to type one');
  }
  const target = options.text('in') === undefined ? undefined : await loadAgent(options.text('in') ?? '');
  await repair(env, terminal);
  const found = await resolveRef(args, env);
  const cwd = options.text('cwd') ?? summarize(found, env).cwd;
  const agent = target ?? found.agent;
  const print = options.has('print');

  // everything that would stop the start is checked before anything is written
  if (!print) checkLaunch(agent, cwd, env);
  const request = (dir: string): LaunchRequest => ({ cwd: realDir(dir), prompt, headless, flags });
  const command =
    target === undefined
      ? resumeCommand(found.agent, found.ref, request(cwd ?? process.cwd()))
      : await transplanted(invocation, found, target, cwd, request);
  if (print) {
    terminal.out.write(`${shellLine(command.argv, command.cwd, env.platform)}\n`);
    return exitCodes.done;
  }
  return await runAgent(agent, command, headless, env);
}

/** Writes the session into the target's store, or finds where an earlier transfer put it. */
async function transplanted(
  { env, terminal }: Invocation,
  { agent: source, ref }: Awaited<ReturnType<typeof resolveRef>>,
  target: Agent,
  cwd: string | undefined,
  request: (cwd: string) => LaunchRequest,
): Promise<CommandLine> {
  const earlier = alreadyTransferred(env, ref, target.id);
  if (earlier !== undefined && (cwd === undefined || realDir(cwd) === earlier.target.cwd)) {
    const there = await findExact(target.id, earlier.target.id, env);
    if (there !== undefined) {
      tell(terminal, `${source.id}:${ref.id} is ${target.id}:${there.ref.id} already`);
      return resumeCommand(target, there.ref, request(earlier.target.cwd));
    }
  }
  const planned = planTransfer({ env, source, ref, target, cwd });
  const { path } = planned.plan.ref;
  // refused before the write when the target cannot be started this way
  resumeCommand(target, { id: planned.plan.sessionId, path }, request(planned.cwd));
  const result = await applyTransfer(planned);
  tellTransfer(result, terminal);
  return resumeCommand(target, { id: result.target.id, path }, request(result.target.cwd));
}

function tellTransfer(result: Awaited<ReturnType<typeof applyTransfer>>, terminal: Terminal): void {
  const { source, target, fidelity, receipt } = result;
  const { messages, toolCalls } = fidelity;
  tell(
    terminal,
    `${source.agent}:${source.id} became ${target.agent}:${target.id}: ${counted(messages.source, 'message')}, ` +
      `${counted(toolCalls.source, 'tool call')}; segue undo ${receipt ?? ''} takes it back`,
  );
  for (const note of fidelity.notes) tell(terminal, `  ${note.count} × ${note.detail}`);
}
