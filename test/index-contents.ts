/** What an index holds, apart from the numbers of its rows. */
import { unpackShown } from '../src/index/blocks.ts';
import { openFullIndex } from '../src/index/fullindex.ts';
import { BLOCK_DOCS } from '../src/index/store.ts';
import type { Env } from '../src/io/paths.ts';
import type { WriteDatabase } from '../src/io/sqlite.ts';

/** Brings the index up to date and tells everything in it, so that two indexes can be compared. */
export async function contents(env: Env): Promise<unknown> {
  const { index } = await openFullIndex(env);
  try {
    return dump(index);
  } finally {
    index.close();
  }
}

function dump(index: WriteDatabase): unknown {
  const place = new Map(index.all('SELECT sid, place FROM session').map((row) => [row.sid, row.place]));
  const blocks = index.all('SELECT * FROM block');
  const docs = blocks.flatMap(({ bid, sid, roles, sizes, shown }) =>
    unpackShown(shown as Uint8Array).map(([ref, tool, text], i) => {
      const role = String(roles)[i];
      return {
        place: place.get(sid),
        ref,
        role,
        size: String(sizes)[i],
        tool,
        text,
        row: Number(bid) * BLOCK_DOCS + i,
      };
    }),
  );
  const byRow = new Map(docs.map(({ row, ...doc }) => [row, doc]));
  const order = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  return {
    sessions: index.all(
      'SELECT place, id, stamp, updated, cwd, remote, branch, model, title, limited, ref, summary, counts, parent, archived FROM session ORDER BY place',
    ),
    docs: [...byRow.values()].sort(order),
    found: index
      .all("SELECT rowid FROM fts WHERE fts MATCH 'answer OR said OR new OR other'")
      .map(({ rowid }) => byRow.get(Number(rowid)))
      .sort(order),
    touched: index.all(
      'SELECT s.place, t.file, t.ref, t.how FROM touched t JOIN session s ON s.sid = t.sid ORDER BY s.place, t.file',
    ),
    orphans: index.get('SELECT count(*) AS n FROM block WHERE sid NOT IN (SELECT sid FROM session)'),
  };
}
