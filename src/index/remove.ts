/** Takes sessions out of the index. On its own, because lists need no more of the full text than this. */
import type { WriteDatabase } from '../io/sqlite.ts';
import { BLOCK_DOCS } from './store.ts';

/** Takes a session and its text out of the index. */
export function removeSession(index: WriteDatabase, sid: number): void {
  removeText(index, sid);
  index.run('DELETE FROM session WHERE sid = ?', sid);
}

/** Takes a session's text out of the index. */
export function removeText(index: WriteDatabase, sid: number): void {
  for (const { bid, texts } of index.all(
    'SELECT bid, length(roles) AS texts FROM block WHERE sid = ?',
    sid,
  )) {
    const start = Number(bid) * BLOCK_DOCS;
    for (let i = 0; i < Number(texts); i++) index.run('DELETE FROM fts WHERE rowid = ?', start + i);
  }
  index.run('DELETE FROM block WHERE sid = ?', sid);
  index.run('DELETE FROM touched WHERE sid = ?', sid);
}
