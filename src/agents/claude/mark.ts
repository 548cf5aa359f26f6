/**
 * Where a later reading of a grown transcript can go on. What stands before that place must not depend on anything that
 * may be appended: the place is where a prompt or a new response begins, after everything earlier on the path.
 */
import { asString, asText } from '../../model/narrow.ts';
import type { ReadMark } from '../contract.ts';
import type { Chain, Step } from './path.ts';
import type { Node } from './skeleton.ts';

/**
 * The last such place; undefined where there is none. `nodes` are those that the chain was made of, `from` the mark that
 * they were read from.
 */
export function markOf(
  { steps }: Chain,
  nodes: readonly Node[],
  cwd: string | undefined,
  from: ReadMark | undefined,
): ReadMark | undefined {
  const ends = latestBefore(steps);
  let later = Number.POSITIVE_INFINITY;
  for (let i = steps.length - 1; i > 0; i--) {
    const step = steps[i] as Step;
    const [first] = step.nodes;
    const start = Math.min(...step.nodes.map((node) => node.start));
    const response = responseBefore(steps, i) ?? asText(from?.state.response);
    const { parent } = first ?? {};
    if (
      first?.start === start &&
      start < later &&
      (ends[i] ?? 0) < start &&
      typeof parent === 'string' &&
      begins(step, steps[i - 1], response) &&
      nodes.some((node) => node.uuid === parent && node.start < start)
    ) {
      const state: ReadMark['state'] = { parent };
      if (response !== undefined) state.response = response;
      if (cwd !== undefined) state.cwd = cwd;
      return { offset: start, state };
    }
    later = Math.min(later, start);
  }
  return undefined;
}

/** For each step, where the last record of the steps before it starts. */
function latestBefore(steps: readonly Step[]): number[] {
  let latest = -1;
  return steps.map((step) => {
    const before = latest;
    for (const node of step.nodes) latest = Math.max(latest, node.start);
    return before;
  });
}

function responseBefore(steps: readonly Step[], i: number): string | undefined {
  let at = i - 1;
  while (at >= 0 && steps[at]?.kind !== 'assistant') at--;
  return steps[at]?.nodes[0]?.messageId;
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
