/** `segue scan` */
import { scan } from '../../index/scan.ts';
import { exitCodes } from '../../model/errors.ts';
import { shortPath, size } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { withProgress } from '../progress.ts';
import { table } from '../table.ts';

export async function run({ options, terminal, env }: Invocation): Promise<number> {
  const result = await withProgress(terminal, 'reading sessions', (progress) => scan(env, progress));
  if (options.has('json')) {
    terminal.out.write(`${jsonText(result, 2)}\n`);
    return exitCodes.done;
  }
  const rows = result.agents
    .filter((agent) => agent.sessions > 0)
    .map((agent) => [
      agent.name,
      String(agent.sessions),
      String(agent.subagents),
      size(agent.bytes),
      String(agent.searchable),
      agent.damaged === 0 ? '' : String(agent.damaged),
    ]);
  const right = 'right' as const;
  const columns = [
    { head: 'AGENT' },
    { head: 'SESSIONS', align: right },
    { head: 'SUBAGENTS', align: right },
    { head: 'SIZE', align: right },
    { head: 'SEARCHABLE', align: right },
    { head: 'DAMAGED' },
  ];
  for (const line of table(columns, rows, terminal.width, terminal.style)) terminal.out.write(`${line}\n`);
  terminal.out.write(`index: ${shortPath(result.index.path, env)} (${size(result.index.bytes)})\n`);
  return exitCodes.done;
}
