/** `segue demo`: the real commands, on bundled sample sessions, in a scratch home. */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { resolveRef } from '../../index/resolve.ts';
import { type Env, packagePath } from '../../io/paths.ts';
import { onStop } from '../../io/process.ts';
import { copyTree, makeDir, makeScratch, removeTree, treeDigest } from '../../io/scratch.ts';
import { comparable } from '../../model/compare.ts';
import { exitCodes, SegueError } from '../../model/errors.ts';
import { listReceipts } from '../../transfer/index.ts';
import { findCommand } from '../commands.ts';
import { counted } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { parse } from '../parse.ts';
import type { Terminal } from '../terminal.ts';

/** A Claude Code session: reads a file, edits it, writes another one. */
const SAMPLE = 'claude:1b03ca69';

export async function run({ options, terminal }: Invocation): Promise<number> {
  const scratch = makeScratch('segue-demo-');
  const env: Env = {
    home: join(scratch, 'home'),
    vars: { SEGUE_DATA_DIR: join(scratch, 'segue') },
    platform: process.platform,
  };
  const callOff = onStop(() => removeTree(scratch));
  try {
    copyTree(packagePath('demo', 'home'), env.home);
    makeDir(join(scratch, 'todo-api'));
    await play(env, join(scratch, 'todo-api'), terminal);
  } finally {
    callOff();
    if (options.has('keep')) terminal.out.write(`kept: ${scratch}\n`);
    else removeTree(scratch);
  }
  return exitCodes.done;
}

async function play(env: Env, cwd: string, terminal: Terminal): Promise<void> {
  const { bold } = terminal.style;
  const say = (text: string): void => terminal.out.write(`\n${bold(text)}\n`);
  const samples = treeDigest(env.home);

  say('1. Sample sessions, as Claude Code and Codex wrote them');
  await command(['list'], env, terminal);

  say('2. One of them');
  await command(['show', SAMPLE], env, terminal);

  say('3. Handed over: Claude Code → Codex');
  await command(['convert', SAMPLE, '--to', 'codex', '--cwd', cwd], env, terminal);
  const there = `codex:${listReceipts(env)[0]?.target.id ?? ''}`;
  await command(['show', there, '--at', String(await firstPatch(there, env))], env, terminal);

  say('4. And back: Codex → Claude Code');
  await command(['convert', there, '--to', 'claude'], env, terminal);
  const back = `claude:${listReceipts(env)[0]?.target.id ?? ''}`;

  say('5. The same after both ways?');
  const before = await lines(SAMPLE, env);
  const after = await lines(back, env);
  const same = before.filter((line, i) => line === after[i]).length;
  terminal.out.write(
    `${same} of ${counted(before.length, 'part')} (texts, calls, results) are equal in ${SAMPLE} and ${back}\n`,
  );

  say('6. Taken back');
  await command(['undo'], env, terminal);
  await command(['undo'], env, terminal);
  const left = treeDigest(env.home);
  const untouched = [...samples].every(([path, hash]) => left.get(path) === hash);
  terminal.out.write(
    untouched ? 'the sample files are byte for byte as before\n' : 'the sample files CHANGED\n',
  );
  if (!untouched || before.length === 0)
    throw new SegueError('verify-failed', 'the demo did not end as it should');
}

/** Number of the entry where the edit became a patch, Codex's own tool for it. */
async function firstPatch(ref: string, env: Env): Promise<number> {
  const found = await resolveRef([ref], env);
  const entries = [...found.agent.read(found.ref, { env }).entries()];
  const index = entries.findIndex(
    (entry) =>
      entry.type === 'message' &&
      entry.parts.some((part) => part.type === 'tool_call' && part.tool === 'patch'),
  );
  return index + 1;
}

/** Shows a command line and runs it. */
async function command(words: readonly string[], env: Env, terminal: Terminal): Promise<void> {
  const [name = '', ...rest] = words;
  const spec = findCommand(name);
  if (spec === undefined) throw new Error(`the demo uses a command that does not exist: ${name}`);
  terminal.out.write(`${terminal.style.cyan(`$ segue ${words.join(' ')}`)}\n`);
  const { args, options, flags } = parse(spec, rest);
  const { run: execute } = await spec.load();
  await execute({ args, options, flags, terminal, env });
  // a signal is noticed between two commands
  await setImmediate();
}

async function lines(ref: string, env: Env): Promise<string[]> {
  const found = await resolveRef([ref], env);
  const session = found.agent.read(found.ref, { env });
  return [...comparable(session.entries(), { tools: 'canonical', reasoning: false })];
}
