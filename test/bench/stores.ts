/** Lists, the index and searches over a corpus. */
import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Corpus, Truth } from './corpus.ts';
import { type Listed, wrongs } from './exact.ts';
import type { Bench } from './main.ts';
import { type Cost, type Figure, pairs, run } from './measure.ts';

export interface ListFigures {
  /** One line: what was checked, or what is wrong. */
  exact: string;
  figures: Figure[];
  notes: string[];
}

/** Long work is measured less often. */
const FEW = 3;

export function measureLists(bench: Bench, corpus: Corpus): ListFigures {
  const { segue, limits, rounds } = bench;
  const data = join(corpus.home, 'data');
  const env = { HOME: corpus.home, SEGUE_DATA_DIR: data };
  const stores = ['.claude', '.codex', '.gemini'].map((name) => join(corpus.home, name));
  const limit = (name: string, mode: string): { name: string; work: () => Cost } => ({
    name,
    work: () => run([limits, mode, ...(mode === 'empty' ? [] : stores)], env),
  });
  const empty = limit('empty process', 'empty');
  const ends = limit('32 KB head and tail of every file', 'headtail');
  const stats = limit('a look at every file', 'stat');
  const parse = limit('JSON.parse of everything', 'parse');
  const fresh = (): void => rmSync(data, { recursive: true, force: true });
  const listed = (): Listed[] =>
    (JSON.parse(run([segue, 'list', '--all', '--json'], env).stdout) as { sessions: Listed[] }).sessions;

  const after = (prepare: () => void, words: readonly string[]) => (): Cost => {
    prepare();
    return run([segue, ...words], env);
  };

  run([segue, 'list'], env); // the compile cache and the page cache are filled
  fresh();
  const early = wrongs(corpus.sessions, listed(), false);
  const figures = [
    pairs('first `list`', Math.min(rounds, FEW), after(fresh, ['list']), ends),
    pairs('warm `list`', rounds, () => run([segue, 'list'], env), empty),
    pairs('warm `list`', rounds, () => run([segue, 'list'], env), stats),
  ];
  figures.push(
    pairs('full index', Math.min(rounds, FEW), after(fresh, ['index']), parse),
    pairs('warm `list`, everything indexed', rounds, () => run([segue, 'list'], env), empty),
  );
  const late = wrongs(corpus.sessions, listed(), true);
  const grown = newestOfClaude(corpus);
  const grow = growing(grown);
  figures.push(
    pairs('`list` after one file grew', rounds, after(grow.more, ['list']), empty),
    pairs(
      `\`search\` after one file of ${(grown.bytes / 1e6).toFixed(1)} MB grew`,
      rounds,
      after(grow.more, ['search', 'handler']),
      empty,
    ),
  );
  grow.back();
  run([segue, 'index'], env);
  const rare = corpus.sessions[Math.floor(corpus.sessions.length / 2)]?.rare ?? '';
  const queries = {
    'a rare word': rare,
    'a common word': 'handler',
    'a phrase': '"request handler"',
    'a prefix': 'handl*',
    'a prefix of two letters': 're*',
  };
  for (const [name, query] of Object.entries(queries))
    figures.push(pairs(`\`search\`, ${name}`, rounds, () => run([segue, 'search', query], env), empty));
  const inside = JSON.parse(run([bench.inside, ...Object.values(queries)], env).stdout) as {
    first: number;
    median: number;
  }[];
  const searches = Object.keys(queries).map(
    (name, i) => `${name} ${inside[i]?.first.toFixed(1)} ms (again: ${inside[i]?.median.toFixed(1)} ms)`,
  );
  const percent = (100 * statSync(join(data, 'index.db')).size) / corpus.bytes;
  const wrong = [...early, ...late];
  return {
    exact:
      wrong.length === 0
        ? `Exactness: all ${corpus.sessions.length} sessions are found with the right title, directory and times, and after indexing with the right counts.`
        : `Exactness: WRONG: ${wrong.join('; ')}`,
    figures,
    notes: [
      `The index takes ${percent.toFixed(1)} % of the corpus. Searches inside a running process: ${searches.join(', ')}.`,
    ],
  };
}

function newestOfClaude(corpus: Corpus): Truth {
  const own = corpus.sessions.filter(({ agent, bytes }) => agent === 'claude' && bytes < 5e6);
  return own.reduce((a, b) => (a.bytes > b.bytes ? a : b));
}

/** A session that grows by one turn at a time, and is put back as it was. */
function growing({ path, id, cwd, updatedAt }: Truth) {
  const { size, atime, mtime } = statSync(path);
  let parentUuid = /"uuid":"([^"]+)"/.exec(
    readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? '',
  )?.[1];
  let turn = 0;
  return {
    more(): void {
      turn++;
      const timestamp = new Date(Date.parse(updatedAt) + turn * 60_000).toISOString();
      const record = {
        parentUuid,
        isSidechain: false,
        type: 'user',
        message: { role: 'user', content: `one more turn ${turn}` },
        uuid: `00000000-0000-4000-8000-${String(turn).padStart(12, '0')}`,
        timestamp,
        cwd,
        sessionId: id,
        version: '2.1.330',
      };
      parentUuid = record.uuid;
      appendFileSync(path, `${JSON.stringify(record)}\n`);
    },
    back(): void {
      truncateSync(path, size);
      utimesSync(path, atime, mtime);
    },
  };
}
