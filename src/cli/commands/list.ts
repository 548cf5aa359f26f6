/** `segue list` */
import { type ListEnvelope, type ListedSession, type ListResult, listSessions } from '../../index/list.ts';
import { parseWhen } from '../../index/query.ts';
import { type SortKey, sortKeys } from '../../index/sessions.ts';
import { pathKind } from '../../io/paths.ts';
import { exitCodes, SegueError } from '../../model/errors.ts';
import { oneLine } from '../../model/text.ts';
import { ago, shortPath } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { withProgress } from '../progress.ts';
import { table } from '../table.ts';
import { warn } from '../warn.ts';

const TEXT_LIMIT = 20;

export async function run({ options, terminal, env }: Invocation): Promise<number> {
  const cwd = options.text('cwd');
  const json = options.has('json');
  const jsonl = options.has('jsonl');
  if (json && jsonl) throw new SegueError('bad-usage', 'either --json or --jsonl');
  if (cwd !== undefined && pathKind(cwd) === 'file')
    throw new SegueError('bad-usage', `--cwd: ${cwd} is a file`);
  const all = options.has('all');
  const limit = options.count('number') ?? (all || json || jsonl ? undefined : TEXT_LIMIT);
  const now = new Date();
  const when = (name: string): number | undefined => {
    const text = options.text(name);
    return text === undefined ? undefined : parseWhen(text, now);
  };
  const result = await withProgress(terminal, 'reading sessions', (progress) =>
    listSessions(env, {
      agents: options.list('agent'),
      cwd,
      all,
      limit,
      since: when('since'),
      until: when('until'),
      model: options.text('model'),
      branch: options.text('branch'),
      limited: options.has('limited'),
      grep: options.text('grep'),
      sort: sortKey(options.text('sort')),
      project: cwd === undefined && !json && !jsonl ? process.cwd() : undefined,
      progress,
    }),
  );
  for (const { agent, message, path } of result.diagnostics)
    warn(terminal, `${agent}: ${message}${path ? `: ${path}` : ''}`);
  if (json) {
    const envelope: ListEnvelope = { schema: 'segue.list/1', sessions: result.sessions };
    terminal.out.write(`${jsonText(envelope, 2)}\n`);
  } else if (jsonl) {
    for (const session of result.sessions) {
      terminal.out.write(`${jsonText(session)}\n`);
      await terminal.out.flush();
    }
  } else if (result.sessions.length === 0)
    terminal.err.write(nothingFound(FILTERS.filter((name) => options.has(name))));
  else printTable(result, { terminal, env });
  return exitCodes.done;
}

const FILTERS = ['agent', 'cwd', 'since', 'until', 'model', 'branch', 'limited', 'grep'];

function nothingFound(filters: readonly string[]): string {
  if (filters.length > 0) return `no session matches ${filters.map((name) => `--${name}`).join(' ')}\n`;
  return 'no sessions found; segue agents shows where was looked, segue demo has samples\n';
}

function sortKey(text: string | undefined): SortKey | undefined {
  const key = sortKeys.find((name) => name === text);
  if (text !== undefined && key === undefined) {
    throw new SegueError('bad-usage', `--sort: unknown key "${text}"`, {
      hint: `keys: ${sortKeys.join(', ')}`,
    });
  }
  return key;
}

function printTable(result: ListResult, { terminal, env }: Pick<Invocation, 'terminal' | 'env'>): void {
  const { bold, dim, yellow, red } = terminal.style;
  const now = Date.now();
  const rows = result.sessions.map((session) => [
    session.agent,
    oneLine(result.shortIds.get(`${session.agent}:${session.id}`) ?? session.id, 40),
    ago(Date.parse(session.updatedAt), now),
    session.messages === undefined ? '' : String(session.messages.user + session.messages.assistant),
    session.cwd === null ? '' : shortPath(session.cwd, env),
    titleOf(session),
  ]);
  const columns = [
    { head: 'AGENT', paint: dim },
    { head: 'ID', paint: bold },
    { head: 'CHANGED', align: 'right' as const },
    { head: 'MSGS', align: 'right' as const },
    { head: 'DIRECTORY', most: 36, paint: dim },
    {
      head: 'TITLE',
      paint: (text: string) =>
        /^\[damaged/.test(text) ? red(text) : /^\[limit/.test(text) ? yellow(text) : text,
    },
  ];
  for (const line of table(columns, rows, terminal.width, terminal.style)) terminal.out.write(`${line}\n`);
  if (result.more) terminal.err.write(terminal.errStyle.dim('there are more: -n N or --all\n'));
}

function titleOf(session: ListedSession): string {
  const folded =
    session.subagents === undefined
      ? ''
      : ` (+${session.subagents} subagent${session.subagents === 1 ? '' : 's'})`;
  const title = `${oneLine(session.title ?? '', 200)}${folded}`;
  if (session.damaged !== undefined) return `[damaged: ${oneLine(session.damaged, 80)}] ${title}`;
  if (session.limit !== undefined) return `[limit] ${title}`;
  return title;
}
