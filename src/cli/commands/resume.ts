/** `segue resume` */
import type { Agent, CommandLine, LaunchRequest } from '../../agents/contract.ts';
import { loadAgent } from '../../agents/registry.ts';
import { loadConfig } from '../../config/load.ts';
import {
  deliver,
  estimateSession,
  type Handoff,
  loadTokenCounter,
  makeHandoff,
  redactText,
} from '../../handoff/index.ts';
import { type Found, summarize } from '../../index/catalog.ts';
import { findExact, resolveRef } from '../../index/resolve.ts';
import { realDir } from '../../io/paths.ts';
import { shellLine } from '../../launch/quote.ts';
import { checkLaunch, resumeCommand, run as runAgent, startCommand } from '../../launch/run.ts';
import { exitCodes, SegueError } from '../../model/errors.ts';
import { alreadyTransferred, applyTransfer, planTransfer } from '../../transfer/index.ts';
import { parseFit, tellCut, thousands, wantedCut } from '../fit.ts';
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
  const agent = target ?? found.agent;
  const asHandoff = isHandoff(invocation, target);
  if (options.has('debug-prompt')) {
    terminal.out.write((await handoffOf(invocation, found, agent)).text);
    return exitCodes.done;
  }
  const cwd = options.text('cwd') ?? summarize(found, env).cwd;
  const print = options.has('print');

  // everything that would stop the start is checked before anything is written
  if (!print) checkLaunch(agent, cwd, env);
  const request = (dir: string): LaunchRequest => ({ cwd: realDir(dir), prompt, headless, flags });
  const command = asHandoff
    ? await handedOff(invocation, found, agent, request(cwd ?? process.cwd()))
    : target === undefined
      ? resumeCommand(found.agent, found.ref, request(cwd ?? process.cwd()))
      : await transplanted(invocation, found, target, cwd, request);
  if (print) {
    terminal.out.write(`${shellLine(command.argv, command.cwd, env.platform)}\n`);
    return exitCodes.done;
  }
  return await runAgent(agent, command, headless, env);
}

/** A handoff when asked for, by name or by its size, and where the target has no door for sessions. */
function isHandoff({ options, terminal }: Invocation, target: Agent | undefined): boolean {
  const form = options.text('as');
  if (form !== undefined && form !== 'native' && form !== 'handoff') {
    throw new SegueError('bad-usage', `--as: unknown form "${form}"`, { hint: 'native or handoff' });
  }
  if (form !== undefined) return form === 'handoff';
  if (options.has('preset') || options.has('budget')) return true;
  if (target === undefined || target.writer !== undefined) return false;
  tell(terminal, `${target.name}: ${target.noWriter ?? 'its sessions cannot be written'}; it gets a handoff`);
  return true;
}

async function handoffOf(
  { options, env }: Invocation,
  { agent, ref }: Found,
  target: Agent,
): Promise<Handoff> {
  const flags = {
    preset: options.text('preset'),
    budget: options.count('budget'),
    redact: options.has('no-redact') ? false : undefined,
  };
  const config = loadConfig(env, process.cwd(), flags, target.id);
  const asIs = (text: string): { text: string; count: number } => ({ text, count: 0 });
  return makeHandoff(
    agent.read(ref, { env }),
    config.handoff,
    await loadTokenCounter(),
    config.redact ? redactText : asIs,
  );
}

/** Starts the target with the document as its first prompt. */
async function handedOff(
  invocation: Invocation,
  found: Found,
  target: Agent,
  request: LaunchRequest,
): Promise<CommandLine> {
  const handoff = await handoffOf(invocation, found, target);
  const { prompt, file } = deliver(
    handoff.text,
    `${found.agent.id}-${found.ref.id}`,
    invocation.env,
    request.prompt,
  );
  tell(
    invocation.terminal,
    `${target.name} reads a handoff of ${thousands(handoff.tokens)} tokens${handoff.redacted === 0 ? '' : `, ${counted(handoff.redacted, 'secret')} masked`}${file === undefined ? '' : `, in ${file}`}`,
  );
  return startCommand(target, { ...request, prompt });
}

/** Writes the session into the target's store, or finds where an earlier transfer put it. */
async function transplanted(
  { env, terminal, options }: Invocation,
  { agent: source, ref }: Found,
  target: Agent,
  cwd: string | undefined,
  request: (cwd: string) => LaunchRequest,
): Promise<CommandLine> {
  const earlier = options.has('fit') ? undefined : alreadyTransferred(env, ref, target.id);
  if (earlier !== undefined && (cwd === undefined || realDir(cwd) === earlier.target.cwd)) {
    const there = await findExact(target.id, earlier.target.id, env);
    if (there !== undefined) {
      tell(terminal, `${source.id}:${ref.id} is ${target.id}:${there.ref.id} already`);
      return resumeCommand(target, there.ref, request(earlier.target.cwd));
    }
  }
  const session = source.read(ref, { env });
  const cut = await wantedCut(session, ref.bytes, target, parseFit(options.text('fit')), env);
  const planned = planTransfer({ env, source, ref, session, target, cwd, cut });
  const { path } = planned.plan.ref;
  // refused before the write when the target cannot be started this way
  resumeCommand(target, { id: planned.plan.sessionId, path }, request(planned.cwd));
  const result = await applyTransfer(planned);
  tellTransfer(result, terminal);
  if (cut !== undefined) tellCut(cut, target, terminal);
  else
    tell(
      terminal,
      `${target.name} reads about ${thousands(estimateSession(session))} tokens first (--fit N cuts, --as handoff is shorter)`,
    );
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
