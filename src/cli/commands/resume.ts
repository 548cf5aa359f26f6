/** `segue resume` */
import type { Agent, CommandLine, LaunchRequest } from '../../agents/contract.ts';
import { loadAgent } from '../../agents/registry.ts';
import { deliver, estimateSession, type Handoff, handoffReading } from '../../handoff/index.ts';
import { type Found, summarize } from '../../index/catalog.ts';
import { findExact, resolveRef } from '../../index/resolve.ts';
import { realDir } from '../../io/paths.ts';
import { forwardFlags } from '../../launch/forward.ts';
import { agentBinaries } from '../../launch/installed.ts';
import { shellLine } from '../../launch/quote.ts';
import { checkLaunch, resumeCommand, run as runAgent, startCommand } from '../../launch/run.ts';
import { exitCodes, SegueError } from '../../model/errors.ts';
import { oneLine } from '../../model/text.ts';
import {
  alreadyTransferred,
  applyTransfer,
  dryRun,
  planTransfer,
  type TransferResult,
} from '../../transfer/index.ts';
import { parseFit, tellCut, thousands, wantedCut } from '../fit.ts';
import { commonFlags } from '../flags.ts';
import { counted, shortPath } from '../format.ts';
import { handoffMaker } from '../handoff.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { transferLines } from '../render/transfer.ts';
import { repair } from '../repair.ts';
import type { Terminal } from '../terminal.ts';
import { tell } from '../warn.ts';

/** `segue.launch/1`: what `resume --dry-run --json` prints. */
export interface LaunchEnvelope {
  schema: 'segue.launch/1';
  source: { agent: string; id: string; path: string };
  /** Agent that would be started. */
  agent: string;
  /** `own`: the session's own agent. `native`: the session would be written for it. `handoff`: it would get a document. */
  how: 'own' | 'native' | 'handoff';
  command: { argv: string[]; cwd: string | null; display: string };
  /** What writing it would carry; null where nothing would be written. */
  transfer: TransferResult | null;
  /** Size of the document; null where there is none. */
  handoff: { tokens: number; redacted: number } | null;
}

/** What is started, and what is known of it before anything is written. */
interface Going {
  command: CommandLine;
  how: LaunchEnvelope['how'];
  transfer?: TransferResult;
  handoff?: Handoff;
}

export async function run(invocation: Invocation): Promise<number> {
  const { args, options, terminal, env } = invocation;
  const headless = options.has('headless');
  const dry = options.has('dry-run');
  if (headless && options.text('prompt') === undefined) {
    throw new SegueError('bad-usage', '--headless needs --prompt: there is nobody to type one');
  }
  if (options.has('json') && !dry) {
    throw new SegueError('bad-usage', '--json needs --dry-run: the output is that of the agent', {
      hint: 'segue convert REF --to AGENT --json writes a session and starts nothing',
    });
  }
  const wish = options.text('in');
  const wished = wish === undefined ? undefined : await loadAgent(wish);
  if (!dry) await repair(env, terminal);
  const source = options.text('source');
  const found = await resolveRef(source === undefined ? args : [source, ...args], env);
  // in its own agent nothing has to be written
  const target = wished?.id === found.agent.id && !options.has('fit') ? undefined : wished;
  const agent = target ?? found.agent;
  const asHandoff = isHandoff(invocation, target);
  if (options.has('debug-prompt')) {
    terminal.out.write((await handoffFor(invocation, found, agent)).text);
    return exitCodes.done;
  }
  const going = await prepared(invocation, found, target, asHandoff);
  if (dry) {
    tellDry(invocation, found, agent, going);
    return exitCodes.done;
  }
  const { command } = going;
  if (options.has('print')) {
    terminal.out.write(`${shellLine(command.argv, command.cwd, env.platform)}\n`);
    return exitCodes.done;
  }
  tellWhich(agent, invocation);
  return await runAgent(agent, command, headless, env);
}

/** Installed more than once: which one is started. */
function tellWhich(agent: Agent, { terminal, env }: Invocation): void {
  const [first, ...others] = agentBinaries(agent, env).map((path) => shortPath(path, env));
  if (first === undefined || others.length === 0) return;
  tell(terminal, `${agent.name}: starting ${first}, the first on PATH; there is also ${others.join(', ')}`);
}

/** Everything up to the start. What would stop it is checked before anything is written. */
async function prepared(
  invocation: Invocation,
  found: Found,
  target: Agent | undefined,
  asHandoff: boolean,
): Promise<Going> {
  const { options, terminal, env } = invocation;
  const agent = target ?? found.agent;
  const forwarded = forwardFlags(agent, commonFlags(options));
  for (const note of forwarded.notes) tell(terminal, note);
  const cwd = options.text('cwd') ?? summarize(found, { env }).cwd;
  if (!options.has('print') && !options.has('dry-run')) checkLaunch(agent, cwd, env);
  const request = (dir: string): LaunchRequest => ({
    cwd: realDir(dir),
    prompt: options.text('prompt'),
    headless: options.has('headless'),
    flags: [...forwarded.flags, ...invocation.flags],
  });
  const here = cwd ?? process.cwd();
  if (asHandoff) return await handedOff(invocation, found, agent, request(here));
  if (target === undefined) return { command: resumeCommand(agent, found.ref, request(here)), how: 'own' };
  return await transplanted(invocation, found, target, cwd, request);
}

function tellDry({ options, terminal, env }: Invocation, found: Found, agent: Agent, going: Going): void {
  const { command, how, transfer, handoff } = going;
  const display = shellLine(command.argv, command.cwd, env.platform);
  if (options.has('json')) {
    const { id, path } = found.ref;
    const envelope: LaunchEnvelope = {
      schema: 'segue.launch/1',
      source: { agent: found.agent.id, id, path },
      agent: agent.id,
      how,
      command: { argv: command.argv, cwd: command.cwd ?? null, display },
      transfer: transfer ?? null,
      handoff: handoff === undefined ? null : { tokens: handoff.tokens, redacted: handoff.redacted },
    };
    terminal.out.write(`${jsonText(envelope, 2)}\n`);
    return;
  }
  if (transfer !== undefined)
    terminal.out.write(`${transferLines(transfer, env, terminal.style).join('\n')}\n`);
  else terminal.out.write(`would run: ${oneLine(display, 2000)}\n`);
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

async function handoffFor(
  { options, env }: Invocation,
  { agent, ref }: Found,
  target: Agent,
): Promise<Handoff> {
  const make = await handoffMaker(options, env, target.id);
  return make(agent.read(ref, { env }, handoffReading));
}

/** Starts the target with the document as its first prompt. */
async function handedOff(
  invocation: Invocation,
  found: Found,
  target: Agent,
  request: LaunchRequest,
): Promise<Going> {
  const { env, options, terminal } = invocation;
  const handoff = await handoffFor(invocation, found, target);
  const masked = handoff.redacted === 0 ? '' : `, ${counted(handoff.redacted, 'secret')} masked`;
  if (options.has('dry-run')) {
    tell(terminal, `${target.name} would read a handoff of ${thousands(handoff.tokens)} tokens${masked}`);
    return { command: startCommand(target, { ...request, prompt: '…' }), how: 'handoff', handoff };
  }
  const { prompt, file } = deliver(handoff.text, `${found.agent.id}-${found.ref.id}`, env, request.prompt);
  tell(
    terminal,
    `${target.name} reads a handoff of ${thousands(handoff.tokens)} tokens${masked}${file === undefined ? '' : `, in ${file}`}`,
  );
  return { command: startCommand(target, { ...request, prompt }), how: 'handoff', handoff };
}

/** Writes the session into the target's store, or finds where an earlier transfer put it. */
async function transplanted(
  { env, terminal, options }: Invocation,
  { agent: source, ref }: Found,
  target: Agent,
  cwd: string | undefined,
  request: (cwd: string) => LaunchRequest,
): Promise<Going> {
  const dry = options.has('dry-run');
  const earlier = options.has('fit') ? undefined : alreadyTransferred(env, ref, target.id);
  if (earlier !== undefined && (cwd === undefined || realDir(cwd) === earlier.target.cwd)) {
    const there = await findExact(target.id, earlier.target.id, env);
    if (there !== undefined) {
      tell(terminal, `${source.id}:${ref.id} is ${target.id}:${there.ref.id} already`);
      return { command: resumeCommand(target, there.ref, request(earlier.target.cwd)), how: 'native' };
    }
  }
  const session = source.read(ref, { env });
  const cut = await wantedCut(session, ref.bytes, target, parseFit(options.text('fit')), env);
  const planned = planTransfer({ env, source, ref, session, target, cwd, cut });
  const { path } = planned.plan.ref;
  // refused before the write when the target cannot be started this way
  const command = resumeCommand(target, { id: planned.plan.sessionId, path }, request(planned.cwd));
  if (dry) {
    if (cut !== undefined) tellCut(cut, target, terminal);
    return { command, how: 'native', transfer: dryRun(planned) };
  }
  const result = await applyTransfer(planned);
  tellTransfer(result, terminal);
  if (cut !== undefined) tellCut(cut, target, terminal);
  else
    tell(
      terminal,
      `${target.name} reads about ${thousands(estimateSession(session))} tokens first (--fit N cuts, --as handoff is shorter)`,
    );
  const there = { id: result.target.id, path };
  return {
    command: resumeCommand(target, there, request(result.target.cwd)),
    how: 'native',
    transfer: result,
  };
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
