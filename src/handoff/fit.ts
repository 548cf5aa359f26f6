/** Chooses what goes into the document: pieces compete by value per token until the budget is full. */

/** One step of a piece: the text it has after this step, and what the step is worth. */
export interface Level {
  text: string;
  value: number;
}

/** Something that may be said shorter or longer. Levels replace each other; values are those of the step. */
export interface Piece {
  section: string;
  /** Order inside the section. */
  order: number;
  /** The n-th level, from 0; undefined after the last. Most are never asked for, so each is made when it is. */
  level(n: number): Level | undefined;
}

export interface Chosen {
  section: string;
  order: number;
  text: string;
}

interface Candidate {
  piece: Piece;
  level: number;
  cost: number;
  density: number;
}

/**
 * Greedy by marginal value per token: a piece enters at its first level and may be lengthened later.
 * `cost` estimates tokens; the caller checks the exact count and asks again with a smaller budget.
 */
export function choose(pieces: Piece[], budget: number, cost: (text: string) => number): Chosen[] {
  const chosen = new Map<Piece, number>();
  const queue = new Heap();
  for (const piece of pieces) push(queue, piece, 0, 0, cost);
  let left = budget;
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { piece, level } = next;
    if (next.cost > left) continue;
    left -= next.cost;
    chosen.set(piece, level);
    push(queue, piece, level + 1, cost(piece.level(level)?.text ?? ''), cost);
  }
  return [...chosen].map(([piece, level]) => ({
    section: piece.section,
    order: piece.order,
    text: piece.level(level)?.text ?? '',
  }));
}

function push(queue: Heap, piece: Piece, level: number, spent: number, cost: (text: string) => number): void {
  const step = piece.level(level);
  if (step === undefined) return;
  const marginal = Math.max(cost(step.text) + 1 - spent, 1);
  queue.push({ piece, level, cost: marginal, density: step.value / marginal });
}

/** Max-heap by density. */
class Heap {
  readonly #items: Candidate[] = [];

  push(item: Candidate): void {
    const items = this.#items;
    items.push(item);
    let at = items.length - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = items[up];
      if (parent === undefined || parent.density >= item.density) break;
      items[at] = parent;
      at = up;
    }
    items[at] = item;
  }

  pop(): Candidate | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = (items[right]?.density ?? -1) > (items[left]?.density ?? -1) ? right : left;
      const candidate = items[child];
      if (candidate === undefined || candidate.density <= last.density) break;
      items[at] = candidate;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
