/** `segue doctor` */
import { examine, type Finding } from '../../doctor/check.ts';
import { exitCodes } from '../../model/errors.ts';
import { oneLine } from '../../model/text.ts';
import { counted, shortPath } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { withProgress } from '../progress.ts';

export async function run({ options, terminal, env }: Invocation): Promise<number> {
  const sessions = options.has('all') ? Number.POSITIVE_INFINITY : options.count('number');
  const result = await withProgress(terminal, 'reading sessions', (progress) =>
    examine(env, { cwd: process.cwd(), sessions, progress }),
  );
  const problems = result.findings.filter(({ level }) => level === 'problem').length;
  if (options.has('json')) terminal.out.write(`${jsonText(result, 2)}\n`);
  else {
    const { green, yellow, red, dim, bold } = terminal.style;
    const marks: Record<Finding['level'], string> = { ok: green('✓'), note: yellow('!'), problem: red('✗') };
    for (const { level, message, path, fix } of result.findings) {
      const where = path === undefined ? '' : dim(` ${shortPath(path, env)}`);
      terminal.out.write(`${marks[level]} ${oneLine(message, 300)}${where}\n`);
      if (fix !== undefined) terminal.out.write(`  ${dim(oneLine(fix, 300))}\n`);
    }
    const other = result.drift.filter(({ code }) => code !== 'unknown-record');
    if (other.length > 0) {
      terminal.out.write(`\n${bold('Damage that was read around')}\n`);
      for (const { agent, code, message, count, sessions: within } of other)
        terminal.out.write(
          `  ${count} × ${agent}: ${oneLine(message, 200)} ${dim(`[${code}] in ${counted(within, 'session')}`)}\n`,
        );
    }
  }
  return problems > 0 ? exitCodes.failed : exitCodes.done;
}
