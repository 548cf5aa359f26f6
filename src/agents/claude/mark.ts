/**
 * Where a later reading of a grown transcript can go on. What stands before that place must not depend on anything that
 * may be appended: the place is where a prompt or a new response begins, after everything earlier on the path.
 */
import { asString, asText } from '../../model/narrow.ts';
import type { ReadMark } from '../contract.ts';
import type { Chain, Step } from './path.ts';
import type { Node } from './skeleton.ts';

/** A place in the file, and what has to be known of what is before. */
export interface Place {
  offset: number;
  /** The record that the first one hangs on. */
  parent: string;
  /** The response before it. */
  response: string | undefined;
}

/** Finds the places among steps that are given in order; `from` is the mark that they are read from. */
export function placeFinder(from: ReadMark | undefined): (step: Step) => Place | undefined {
  const earlier = asText(from?.state.response);
  let response = earlier;
  let before: Step | undefined;
  let latest = -1;
  return (step) => {
    const [first] = step.nodes;
    const start = startOf(step);
    const parent = first?.parent;
    const found =
      before !== undefined &&
      first?.start === start &&
      latest < start &&
      typeof parent === 'string' &&
      begins(step, before, response)
        ? { offset: start, parent, response }
        : undefined;
    before = step;
    for (const node of step.nodes) latest = Math.max(latest, node.start);
    if (step.kind === 'assistant') response = first?.messageId ?? earlier;
    return found;
  };
}

/** The mark at a place. `cwd`: the session's directory. */
export function markAt({ offset, parent, response }: Place, cwd: string | undefined): ReadMark {
  const state: ReadMark['state'] = { parent };
  if (response !== undefined) state.response = response;
  if (cwd !== undefined) state.cwd = cwd;
  return { offset, state };
}

/**
 * The mark at the last place; undefined where there is none. `nodes` are those that the chain was made of, `from` the mark
 * that they were read from.
 */
export function markOf(
  { steps }: Chain,
  nodes: readonly Node[],
  cwd: string | undefined,
  from: ReadMark | undefined,
): ReadMark | undefined {
  const placeOf = placeFinder(from);
  const places: Place[] = [];
  for (const step of steps) {
    // a later step that reaches back: its record may be in what was read before
    const start = startOf(step);
    while ((places.at(-1)?.offset ?? -1) >= start) places.pop();
    const place = placeOf(step);
    if (place !== undefined) places.push(place);
  }
  const last = places.findLast(({ parent, offset }) =>
    nodes.some(({ uuid, start }) => uuid === parent && start < offset),
  );
  return last && markAt(last, cwd);
}

function startOf({ nodes }: Step): number {
  let start = Number.POSITIVE_INFINITY;
  for (const node of nodes) start = Math.min(start, node.start);
  return start;
}

/** A prompt ends whatever was before it; a response does when it is another one, and the one before has its results. */
function begins(step: Step, before: Step | undefined, response: string | undefined): boolean {
  const [node] = step.nodes;
  if (step.kind === 'user') return node?.resultFor === undefined && node?.isSummary !== true;
  if (step.kind !== 'assistant' || node?.messageId === undefined || node.messageId === response) return false;
  return before?.kind === 'user' && before.nodes[0].resultFor !== undefined;
}

/**
 * The records from the mark on as a chain of their own: what hung on the record before it becomes a root. Undefined when
 * one hangs on an earlier record, or continues an earlier response: then what was read before may look different now.
 */
export function detached(nodes: readonly Node[], { state }: ReadMark): Node[] | undefined {
  const parent = asText(state.parent);
  const own = new Set(nodes.map((node) => node.uuid));
  const linked: Node[] = [];
  for (const [i, node] of nodes.entries()) {
    const named = node.parent === null ? node.logicalParent : node.parent;
    if (named !== undefined && own.has(named)) linked.push(node);
    else if (named === parent && (i === 0 || node.subtype !== 'compact_boundary'))
      linked.push({ ...node, parent: null, logicalParent: undefined });
    else if (i > 0 && node.parent === undefined) linked.push(node);
    else return undefined;
  }
  const response = linked.find((node) => node.kind === 'assistant')?.messageId;
  return linked.length === 0 || (response !== undefined && response === asString(state.response))
    ? undefined
    : linked;
}
