/** `segue dump` */

import { join, resolve } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { handoffReading } from '../../handoff/options.ts';
import { redactJson } from '../../handoff/redact/redact.ts';
import { agentIds, discover, type Found, isMain, newestFirst } from '../../index/catalog.ts';
import { ensurePrivateFolder, writePrivateFile } from '../../io/files.ts';
import { type Env, pathKind } from '../../io/paths.ts';
import { exitCodes, SegueError, systemCode } from '../../model/errors.ts';
import type { JsonValue } from '../../model/session.ts';
import { counted, shortPath } from '../format.ts';
import { handoffMaker } from '../handoff.ts';
import { type Invocation, OptionValues } from '../invocation.ts';
import { withProgress } from '../progress.ts';
import { type Mask, sessionJson } from '../session-json.ts';
import { tell, warn } from '../warn.ts';

export async function run({ args, options, terminal, env }: Invocation): Promise<number> {
  const [who = '', dir = ''] = args;
  const named = new OptionValues(new Map([['agents', who]])).list('agents');
  const agents = agentIds(who === 'all' ? undefined : named);
  const folder = resolve(dir);
  if (!['folder', 'missing'].includes(pathKind(folder)))
    throw new SegueError('bad-usage', `${dir} is not a folder`);
  const { found, diagnostics } = await discover(env, agents);
  for (const { agent, message } of diagnostics) warn(terminal, `${agent}: ${message}`);
  const sessions = chosen(found, options, env);
  const write = await (options.has('json') ? jsonWriter(options, env) : markdownWriter(options, env));
  makeFolder(folder);

  let written = 0;
  let empty = 0;
  const failures: string[] = [];
  await withProgress(terminal, 'writing', async (progress) => {
    let bytes = 0;
    for (const [i, session] of sessions.entries()) {
      const { agent, ref } = session;
      try {
        write(session, join(folder, fileName(agent.id, ref.id)));
        written++;
      } catch (error) {
        if (systemCode(error) !== undefined) throw cannotWrite(folder, error);
        if (!(error instanceof SegueError)) throw error;
        if (error.code === 'nothing-to-transfer') empty++;
        else failures.push(`${agent.id}:${ref.id}: ${error.message}`);
      }
      bytes += ref.bytes;
      progress(i + 1, sessions.length, bytes);
    }
  });
  for (const failure of failures) warn(terminal, failure);
  const without = empty === 0 ? '' : `; ${counted(empty, 'session')} without a conversation left out`;
  tell(terminal, `${counted(written, 'session')} in ${shortPath(folder, env)}${without}`);
  return failures.length > 0 ? exitCodes.failed : exitCodes.done;
}

function chosen(found: Found[], options: OptionValues, env: Env): Found[] {
  const wanted = options.has('all') ? found : found.filter(({ ref }) => isMain(ref));
  const most = options.count('number');
  if (most === undefined) return wanted;
  const newest: Found[] = [];
  for (const session of newestFirst(wanted, env)) {
    if (newest.length === most) break;
    newest.push(session);
  }
  return newest;
}

type Writer = (session: Found, path: string) => void;

async function markdownWriter(options: OptionValues, env: Env): Promise<Writer> {
  const whole = options.has('preset') ? options : options.with('preset', 'full');
  const make = await handoffMaker(whole, env, undefined);
  return ({ agent, ref }, path) =>
    writePrivateFile(`${path}.md`, make(agent.read(ref, { env }, handoffReading)).text);
}

async function jsonWriter(options: OptionValues, env: Env): Promise<Writer> {
  const flags = options.has('no-redact') ? { redact: false } : {};
  const { redact } = await loadConfig(env, process.cwd(), flags);
  // what is masked are texts of JSON values: the types of the model are such values
  const mask: Mask = (value) => (redact ? redactJson(value as JsonValue, { count: 0 }) : value);
  return ({ agent, ref }, path) => {
    const session = agent.read(ref, { env });
    writePrivateFile(`${path}.json`, sessionJson(session, session.entries(), mask));
  };
}

/** Ids may hold anything: only what every file system takes stays. */
function fileName(agent: string, id: string): string {
  return `${agent}-${id.replace(/[^\w.-]/g, '_').slice(0, 120)}`;
}

function makeFolder(folder: string): void {
  try {
    ensurePrivateFolder(folder);
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

function cannotWrite(folder: string, error: unknown): SegueError {
  return new SegueError('write-failed', `cannot write to ${folder} (${systemCode(error) ?? 'error'})`, {
    cause: error,
  });
}
