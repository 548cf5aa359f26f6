/** `segue files` */
import { openFullIndex } from '../../index/fullindex.ts';
import { type FileHit, sessionsOfFile } from '../../index/search.ts';
import { exitCodes } from '../../model/errors.ts';
import { oneLine } from '../../model/text.ts';
import { ago, shortPath } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { withProgress } from '../progress.ts';
import { table } from '../table.ts';

const LIMIT = 20;

/** `segue.files/1`: what `files --json` prints. */
export interface FilesEnvelope {
  schema: 'segue.files/1';
  hits: FileHit[];
}

export async function run({ args, options, terminal, env }: Invocation): Promise<number> {
  const { index } = await withProgress(terminal, 'indexing', (progress) =>
    openFullIndex(env, { progress, beside: true }),
  );
  let hits: FileHit[];
  try {
    hits = sessionsOfFile(index, args[0] ?? '', options.count('number') ?? LIMIT);
  } finally {
    index.close();
  }
  if (options.has('json')) {
    terminal.out.write(`${jsonText({ schema: 'segue.files/1', hits } satisfies FilesEnvelope, 2)}\n`);
    return exitCodes.done;
  }
  if (hits.length === 0) terminal.err.write('no session touched it\n');
  const now = Date.now();
  const rows = hits.map((hit) => [
    `${hit.agent}:${oneLine(hit.id, 40)}`,
    `#${hit.at}`,
    hit.how,
    ago(Date.parse(hit.updatedAt), now),
    shortPath(hit.file, env),
    oneLine(hit.title ?? '', 100),
  ]);
  const columns = [
    { head: 'SESSION' },
    { head: 'AT' },
    { head: 'HOW' },
    { head: 'CHANGED' },
    { head: 'FILE', most: 40 },
    { head: 'TITLE' },
  ];
  if (rows.length > 0)
    for (const line of table(columns, rows, terminal.width, terminal.style)) terminal.out.write(`${line}\n`);
  return exitCodes.done;
}
