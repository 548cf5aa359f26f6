/** What fills real sessions: files that are read, searches, logs, repeated looks at the state of things. */
import type { Log } from './log.ts';
import { type Bank, fill } from './phrasings.ts';
import { pick, type Random, shape } from './random.ts';
import type { Scenario } from './scenario.ts';

export interface Noise {
  /** One step of the agent: maybe a word, a call, its result. */
  step(log: Log): void;
  narration(): string;
  around(): string;
  closing(): string;
  chat(): string;
  routine(): string;
  /** A listing of a file with these lines somewhere in it. */
  listing(lines: string[]): string;
  bulk(lines: number): string;
}

/** Noise in the words of a bank and the names of a scenario. */
export function noiseFor(scenario: Scenario, bank: Bank, random: Random): Noise {
  const path = (): string => {
    const file = pick(random, scenario.files).path;
    return random() < 0.5
      ? file
      : `src/${pick(random, scenario.nouns).replaceAll(' ', '_')}${extension(file)}`;
  };
  const filled = (phrasing: string): string =>
    fill(phrasing, {
      noun: pick(random, scenario.nouns),
      fn: pick(random, scenario.functions),
      file: path(),
    });

  const bulk = (lines: number): string =>
    Array.from({ length: lines }, () => {
      const fn = pick(random, scenario.functions);
      const noun = pick(random, scenario.nouns);
      return pick(random, [
        `2026-10-05T08:${Math.floor(random() * 60)}:11Z INFO ${fn} ${noun} took ${Math.floor(random() * 900)} ms`,
        `    ${fn}(${noun.replaceAll(' ', '_')});`,
        `// ${noun}: never call this twice, the ${pick(random, scenario.nouns)} must not be shared`,
        `  if (!${fn}) return error("invalid ${noun}");`,
        `PASS ${path()} (${Math.floor(random() * 30)} tests, 0 failed)`,
        `warning: deprecated option in ${path()}`,
        `${shape(random)}${shape(random)}`,
        '',
        `  ✓ ${fn} rejects an unknown ${noun} (error is expected)`,
        `# we decided to keep ${fn} because of the ${noun}`,
      ]);
    }).join('\n');

  const listing = (lines: string[]): string => {
    const around = bulk(20 + Math.floor(random() * 60)).split('\n');
    around.splice(Math.floor(random() * around.length), 0, ...lines);
    return around.map((line, i) => `${String(i + 1).padStart(6)}\t${line}`).join('\n');
  };

  const looks: ((log: Log) => void)[] = [
    (log) =>
      log.call({ tool: 'read', input: { path: `${scenario.cwd}/${path()}` } }, { output: listing([]) }),
    (log) =>
      log.call({ tool: 'grep', input: { pattern: pick(random, scenario.functions) } }, { output: bulk(12) }),
    (log) => log.run('git status --short', ` M ${path()}\n?? ${path()}`),
    (log) => log.run('git diff --stat', ` ${path()} | 4 ++--\n 1 file changed`),
    (log) => log.run(`ls ${path().split('/')[0] ?? '.'}`, bulk(4)),
    (log) => log.run(`rg -n "${pick(random, scenario.functions)}"`, bulk(9)),
    (log) => log.run(`sed -n 1,80p ${path()}`, bulk(60)),
    (log) => log.run(`cat ${path()}`, bulk(30)),
    (log) => log.run(`grep -rn ${shape(random)} .`, '', 1),
    (log) =>
      log.call(
        { tool: 'read', input: { path: `${scenario.cwd}/${shape(random)}.txt` } },
        { output: 'File does not exist.', failed: true },
      ),
    (log) => log.run(`git log --oneline -5`, `${shape(random)} ${pick(random, scenario.nouns)}`),
    (log) => log.call({ tool: 'glob', input: { pattern: `**/*${extension(path())}` } }, { output: bulk(6) }),
  ];

  return {
    step(log) {
      if (random() < 0.75) log.say(filled(pick(random, bank.narration)));
      pick(random, looks)(log);
    },
    narration: () => filled(pick(random, bank.narration)),
    around: () => filled(pick(random, bank.around)),
    closing: () => filled(pick(random, bank.closings)),
    chat: () => pick(random, bank.chat),
    routine: () => pick(random, scenario.routine),
    listing,
    bulk,
  };
}

function extension(path: string): string {
  return /\.\w+$/.exec(path)?.[0] ?? '';
}
