/** Levels of a piece: thought of in a row, made when they are asked for. */
import type { Level, Piece } from './fit.ts';

/** A piece before it competes. Its first level is always needed, the longer ones mostly not. */
export interface Draft {
  section: string;
  order: number;
  first: Level;
  longer: (() => Level)[];
}

/** The piece of a draft. `finish` is applied to each level that is made, once. */
export function pieceOf({ section, order, first, longer }: Draft, finish: (level: Level) => Level): Piece {
  const made = [finish(first)];
  const waiting = longer.values();
  let before = first.text;
  const level = (n: number): Level | undefined => {
    while (made.length <= n) {
      const next = waiting.next();
      if (next.done) break;
      const more = next.value();
      // a level that says no more than the one before is dropped
      if (more.text !== before) made.push(finish(more));
      before = more.text;
    }
    return made[n];
  };
  return { section, order, level };
}
