/** `segue agents` */
import type { Agent } from '../../agents/contract.ts';
import { loadAgent, loadAgents } from '../../agents/registry.ts';
import { pathKind } from '../../io/paths.ts';
import { flagRows } from '../../launch/forward.ts';
import { shellLine } from '../../launch/quote.ts';
import { type AgentState, type AgentsEnvelope, agentStates } from '../../launch/states.ts';
import { exitCodes, SegueError } from '../../model/errors.ts';
import { shortPath } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { table } from '../table.ts';
import { warn } from '../warn.ts';

export async function run({ args, options, terminal, env }: Invocation): Promise<number> {
  const [first, second, ...more] = args;
  // `agents codex` is what people try first
  const name = first === 'show' ? second : first;
  if (first === 'show' && name === undefined) {
    throw new SegueError('bad-usage', 'which agent? segue agents show AGENT');
  }
  if (more.length > 0 || (first !== 'show' && second !== undefined)) {
    throw new SegueError('bad-usage', `unexpected word "${more[0] ?? second}"`, {
      hint: 'segue agents show AGENT',
    });
  }
  const agents = name === undefined ? await loadAgents() : [await loadAgent(name)];
  const { states, diagnostics } = await agentStates(agents, env);
  for (const { agent, message, path } of diagnostics)
    warn(terminal, `${agent}: ${message}${path ? `: ${path}` : ''}`);
  if (options.has('json')) {
    const envelope: AgentsEnvelope = { schema: 'segue.agents/1', agents: states };
    terminal.out.write(`${jsonText(envelope, 2)}\n`);
  } else if (name === undefined) {
    for (const line of overviewLines(states, terminal)) terminal.out.write(`${line}\n`);
  } else {
    const [agent] = agents;
    const [state] = states;
    if (agent !== undefined && state !== undefined)
      terminal.out.write(`${detailLines(agent, state, { terminal, env }).join('\n')}\n`);
  }
  return exitCodes.done;
}

function overviewLines(states: readonly AgentState[], terminal: Invocation['terminal']): string[] {
  const { bold, dim, green } = terminal.style;
  const rows = states.map((state) => [
    state.id,
    state.name,
    state.installed === null ? 'no' : (state.installed.version ?? 'yes'),
    String(state.sessions),
    state.writes ? 'read, write' : 'read',
    state.proven.map(({ version }) => version).join(', '),
  ]);
  const columns = [
    { head: 'AGENT', paint: bold },
    { head: 'NAME' },
    { head: 'INSTALLED', paint: (text: string) => (text.trim() === 'no' ? dim(text) : green(text)) },
    { head: 'SESSIONS', align: 'right' as const },
    { head: 'SEGUE CAN' },
    { head: 'PROVEN' },
  ];
  return table(columns, rows, terminal.width, terminal.style);
}

function detailLines(
  agent: Agent,
  state: AgentState,
  { terminal, env }: Pick<Invocation, 'terminal' | 'env'>,
): string[] {
  const { bold, dim } = terminal.style;
  const request = { cwd: 'DIR', prompt: 'PROMPT' };
  const session = { id: 'ID', path: 'FILE' };
  const line = (command: ReturnType<Agent['launch']['start']>): string =>
    command === undefined ? 'cannot' : shellLine(command.argv, undefined, env.platform);
  const facts: [string, string][] = [
    [
      'installed',
      state.installed === null
        ? `no; ${agent.launch.install}`
        : `${shortPath(state.installed.path, env)} ${state.installed.version ?? ''}`,
    ],
    ...(state.installed?.others ?? []).map(({ path, version = '' }): [string, string] => [
      '',
      `${shortPath(path, env)} ${version} ${dim('(not started: later on PATH)')}`,
    ]),
    ['also called', [...agent.aliases, ...agent.bins].filter((other) => other !== agent.id).join(', ')],
    ['sessions', String(state.sessions)],
    ...state.roots.map((root, i): [string, string] => [
      i === 0 ? 'places' : '',
      `${shortPath(root, env)}${pathKind(root) === 'missing' ? dim(' (not there)') : ''}`,
    ]),
    ['writes', state.writes ? 'yes' : `no: ${agent.noWriter ?? 'no native door'}`],
    [
      'proven with',
      state.proven.map(({ version, from }) => `${version} (from ${from.join(', ')})`).join('; '),
    ],
    ['start', line(agent.launch.start(request))],
    ['resume', line(agent.launch.resume(session, request))],
    ['headless', line(agent.launch.resume(session, { ...request, headless: true }))],
    ...flagRows(agent.launch.flags).map(([flag, words], i): [string, string] => [
      i === 0 ? 'flags' : '',
      `${flag.padEnd(13)} ${told(words, env)}`,
    ]),
  ];
  return [
    `${bold(agent.id)}  ${agent.name}`,
    ...facts
      .filter(([, value]) => value.trim() !== '')
      .map(([name, value]) => `  ${dim(name.padEnd(11))}  ${value.trimEnd()}`),
  ];
}

/** What an agent gets for a common flag. */
function told(words: readonly string[] | undefined, env: Invocation['env']): string {
  if (words === undefined) return 'cannot';
  return words.length === 0 ? 'as it is anyway' : shellLine(words, undefined, env.platform);
}
