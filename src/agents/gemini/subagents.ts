/** Transcripts of subagents: one file each in a folder beside the session's file, named by the session's id. */
import { dirname, join } from 'node:path';
import { list } from '../../io/walk.ts';
import { SegueError } from '../../model/errors.ts';
import type { Session } from '../../model/session.ts';

/** The subagents' sessions of the session `id` in the file `path`; a damaged one is left out. */
export function subagentsOf(path: string, id: string, read: (path: string) => Session): Session[] {
  if (!/^[\w-]+$/.test(id)) return [];
  const folder = join(dirname(path), id);
  return list(folder, []).flatMap((item) => {
    if (!item.isFile() || !item.name.endsWith('.jsonl')) return [];
    try {
      return [read(join(folder, item.name))];
    } catch (error) {
      if (error instanceof SegueError) return [];
      throw error;
    }
  });
}
