/** Takes sessions out of the index. On its own, because lists need no more of the full text than this. */
import type { WriteDatabase } from '../io/sqlite.ts';
import { packShown, unpackShown } from './blocks.ts';
import { BLOCK_DOCS } from './store.ts';

/** Takes a session and its text out of the index. */
export function removeSession(index: WriteDatabase, sid: number): void {
  removeText(index, sid);
  index.run('DELETE FROM session WHERE sid = ?', sid);
}

/** Takes a session's text out of the index, but for that of its first `kept` entries. */
export function removeText(index: WriteDatabase, sid: number, kept = 0): void {
  const blocks = index.all(
    'SELECT bid, roles, sizes, shown, first FROM block WHERE sid = ? AND last > ?',
    sid,
    kept,
  );
  for (const { bid, roles, sizes, shown, first } of blocks) {
    const items = Number(first) > kept ? [] : unpackShown(shown as Uint8Array).filter(([ref]) => ref <= kept);
    const start = Number(bid) * BLOCK_DOCS;
    for (let i = items.length; i < String(roles).length; i++)
      index.run('DELETE FROM fts WHERE rowid = ?', start + i);
    if (items.length === 0) index.run('DELETE FROM block WHERE bid = ?', bid ?? null);
    else
      index.run(
        'UPDATE block SET last = ?, roles = ?, sizes = ?, shown = ? WHERE bid = ?',
        items.at(-1)?.[0] ?? 0,
        String(roles).slice(0, items.length),
        String(sizes).slice(0, items.length),
        packShown(items),
        bid ?? null,
      );
  }
  index.run('DELETE FROM touched WHERE sid = ? AND ref > ?', sid, kept);
}
