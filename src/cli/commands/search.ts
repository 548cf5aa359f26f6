/** `segue search` */

import { agentIds } from '../../index/catalog.ts';
import { openFullIndex } from '../../index/fullindex.ts';
import { parseQuery } from '../../index/query.ts';
import { type SearchHit, search } from '../../index/search.ts';
import { exitCodes } from '../../model/errors.ts';
import { oneLine, stripControls } from '../../model/text.ts';
import { cut } from '../../terminal/width.ts';
import { ago } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { jsonText } from '../json.ts';
import { withProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

const LIMIT = 20;
/** Less of a title says nothing. */
const LEAST_TITLE = 10;

/** `segue.search/1`: what `search --json` prints. */
export interface SearchEnvelope {
  schema: 'segue.search/1';
  hits: SearchHit[];
}

export async function run({ args, options, terminal, env }: Invocation): Promise<number> {
  const query = parseQuery(args.join(' '), new Date());
  const named = options.list('agent');
  if (named !== undefined) query.agents = agentIds(named);
  const limit = options.count('number') ?? LIMIT;
  const { index } = await withProgress(terminal, 'indexing', (progress) =>
    openFullIndex(env, { progress, beside: true }),
  );
  let hits: SearchHit[];
  try {
    hits = search(index, query, limit);
  } finally {
    index.close();
  }
  if (options.has('json')) {
    const plain = hits.map((hit) => ({ ...hit, snippet: stripControls(hit.snippet) }));
    terminal.out.write(
      `${jsonText({ schema: 'segue.search/1', hits: plain } satisfies SearchEnvelope, 2)}\n`,
    );
  } else print(hits, terminal);
  return exitCodes.done;
}

function print(hits: SearchHit[], { out, err, style, width }: Terminal): void {
  if (hits.length === 0) err.write('nothing found\n');
  const now = Date.now();
  for (const hit of hits) {
    const more = hit.more === 0 ? '' : ` (+${hit.more})`;
    const where = `${hit.agent}:${oneLine(hit.id, 40)}`;
    const facts = `#${hit.at} ${ago(Date.parse(hit.updatedAt), now)} ${hit.tool ?? hit.role}${more}`;
    const left = (width ?? 160) - where.length - facts.length - 2;
    const title = left < LEAST_TITLE ? '' : cut(oneLine(hit.title ?? '', 60), left);
    out.write(`${style.bold(where)} ${style.dim(facts)} ${title}`.trimEnd().concat('\n'));
    const marked = stripControls(hit.snippet.replaceAll('\u0002', '\uE000').replaceAll('\u0003', '\uE001'));
    out.write(`  ${marked.replace(/\uE000([^\uE001]*)\uE001/g, (_, text: string) => style.yellow(text))}\n`);
  }
}
