/** `segue config` */

import { loadAgent } from '../../agents/registry.ts';
import { keys } from '../../config/keys.ts';
import { type Effective, loadConfig } from '../../config/load.ts';
import { exitCodes } from '../../model/errors.ts';
import { shortPath } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { table } from '../table.ts';

/** `segue.config/1`: what `config --json` prints. */
export interface ConfigEnvelope {
  schema: 'segue.config/1';
  files: string[];
  /** A value of `null` stands for no limit. */
  values: (Omit<Effective, 'value'> & { value: Effective['value'] | null })[];
}

export async function run({ options, terminal, env }: Invocation): Promise<number> {
  if (options.has('keys')) {
    const rows = Object.entries(keys).map(([key, { type, about, idle }]) => [
      key,
      type,
      idle ? `accepted, without effect: ${about}` : about,
    ]);
    for (const line of table(
      [{ head: 'KEY' }, { head: 'TYPE' }, { head: 'WHAT' }],
      rows,
      terminal.width,
      terminal.style,
    ))
      terminal.out.write(`${line}\n`);
    return exitCodes.done;
  }
  const name = options.text('for');
  const target = name === undefined ? undefined : (await loadAgent(name)).id;
  const config = await loadConfig(env, process.cwd(), {}, target);
  if (options.has('json')) {
    const values = config.effective.map((each) => ({
      ...each,
      value: each.value === Number.POSITIVE_INFINITY ? null : each.value,
    }));
    const envelope: ConfigEnvelope = { schema: 'segue.config/1', files: config.files, values };
    terminal.out.write(`${jsonText(envelope, 2)}\n`);
    return exitCodes.done;
  }
  const rows = config.effective.map(({ key, value, origin, ignored }) => [
    key,
    value === Number.POSITIVE_INFINITY ? 'all' : String(value),
    `${shortPath(origin, env)}${ignored === undefined ? '' : ` (no effect: ${ignored})`}`,
  ]);
  for (const line of table(
    [{ head: 'KEY' }, { head: 'VALUE' }, { head: 'FROM' }],
    rows,
    terminal.width,
    terminal.style,
  ))
    terminal.out.write(`${line}\n`);
  if (config.files.length === 0)
    terminal.err.write('no configuration file; .segue.yml in the project, or the user file, may set these\n');
  return exitCodes.done;
}
