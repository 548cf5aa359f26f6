/** The second step of reading: which records form the conversation, in which order. Works on the skeleton alone. */
import type { Branch, Diagnostic } from '../../model/session.ts';
import type { Node } from './skeleton.ts';

/** What becomes one entry (or a few, when a user record mixes results and words). */
export type Step =
  | { kind: 'assistant'; id: string; nodes: Node[] }
  | { kind: 'user' | 'queued' | 'system'; id: string; nodes: [Node] }
  | { kind: 'compaction'; id: string; nodes: Node[] };

export interface Chain {
  /** From the root to the leaf. */
  steps: Step[];
  branches: Branch[];
}

/**
 * Rebuilds the conversation as Claude Code does on resume (2.1.197 and 2.1.330, measured): upwards from the last leaf in
 * file order, a dangling parent bridged to the record before it, blocks and results of a response that hang beside the
 * path taken in. Unlike Claude Code it does not stop at a compaction: `logicalParentUuid` leads on.
 * `leafId` asks for another leaf, by the id of its last step; undefined is returned when there is none such.
 */
export function resolveChain(
  nodes: Node[],
  leafId: string | undefined,
  path: string,
  diagnostics: Diagnostic[],
): Chain | undefined {
  if (nodes.length === 0) return { steps: [], branches: [] };
  const graph = link(nodes, path, diagnostics);
  const leaves = nodes.map((_, index) => index).filter((index) => !graph.hasChild[index]);
  const last = leaves.at(-1) ?? nodes.length - 1;
  const activePath = climb(graph, last, path, diagnostics);
  const active = toSteps(graph, activePath);
  const others = leaves.filter((leaf) => leaf !== last).map((leaf) => branchOf(graph, leaf, active));
  const branches = [...new Map(others.flatMap((o) => (o === undefined ? [] : [[o.branch.id, o]])))].map(
    ([, other]) => other as BranchPath,
  );
  if (leafId === undefined || leafId === active.steps.at(-1)?.id)
    return { steps: active.steps, branches: branches.map((other) => other.branch) };
  const wanted = branches.find((other) => other.branch.id === leafId)?.leaf ?? graph.byUuid.get(leafId);
  if (wanted === undefined) return undefined;
  const steps = toSteps(graph, climb(graph, wanted, path, diagnostics)).steps;
  return { steps, branches: branches.map((other) => other.branch) };
}

interface Graph {
  nodes: Node[];
  byUuid: Map<string, number>;
  /** Index of the parent, -1 for none. */
  parents: Int32Array;
  hasChild: Uint8Array;
  /** Assistant records by `message.id`. */
  responses: Map<string, number[]>;
  /** User records that hold a result, by the record they hang on. */
  results: Map<number, number[]>;
}

function link(nodes: Node[], path: string, diagnostics: Diagnostic[]): Graph {
  const byUuid = new Map(nodes.map((node, index) => [node.uuid, index]));
  const parents = new Int32Array(nodes.length).fill(-1);
  const hasChild = new Uint8Array(nodes.length);
  const responses = new Map<string, number[]>();
  const results = new Map<number, number[]>();
  let dangling = 0;
  nodes.forEach((node, index) => {
    const named = node.parent === null ? node.logicalParent : node.parent;
    let parent = -1;
    if (named !== undefined || node.parent === undefined || isBoundary(node)) {
      const found = named === undefined ? undefined : byUuid.get(named);
      if (found === undefined && named !== undefined) dangling++;
      parent = found ?? index - 1;
    }
    parents[index] = parent;
    if (parent >= 0) hasChild[parent] = 1;
    if (node.kind === 'assistant' && node.messageId !== undefined) add(responses, node.messageId, index);
    if (node.resultFor !== undefined && parent >= 0) add(results, parent, index);
  });
  if (dangling > 0)
    diagnostics.push({
      code: 'broken-chain',
      message: `${dangling} records name a parent that is not there; the record before is taken`,
      path,
    });
  return { nodes, byUuid, parents, hasChild, responses, results };
}

function add<K>(map: Map<K, number[]>, key: K, index: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [index]);
  else list.push(index);
}

/** Indices from the root down to `leaf`. A cycle is cut where it closes. */
function climb(graph: Graph, leaf: number, path: string, diagnostics: Diagnostic[]): number[] {
  const seen = new Set<number>();
  let at = leaf;
  while (at >= 0 && !seen.has(at)) {
    seen.add(at);
    at = graph.parents[at] ?? -1;
  }
  if (at >= 0) diagnostics.push({ code: 'broken-chain', message: 'the parent chain runs in a circle', path });
  return [...seen].reverse();
}

interface Steps {
  steps: Step[];
  /** Every node that the steps cover or that the path runs through. */
  covered: Set<number>;
}

function toSteps(graph: Graph, path: number[]): Steps {
  const covered = new Set(path);
  const answered = new Set(path.flatMap((index) => graph.nodes[index]?.resultFor ?? []));
  const steps: Step[] = [];
  let i = 0;
  while (i < path.length) {
    const index = path[i] ?? -1;
    const node = graph.nodes[index];
    i++;
    if (node === undefined) continue;
    if (node.kind === 'assistant') {
      const span = responseSpan(graph, path, i - 1);
      const { blocks, results, rest } = gather(graph, path.slice(i - 1, span), node, covered, answered);
      steps.push({ kind: 'assistant', id: blocks[0]?.uuid ?? node.uuid, nodes: blocks });
      for (const result of results) steps.push({ kind: 'user', id: result.uuid, nodes: [result] });
      for (const other of rest) pushSingle(steps, other);
      i = span;
    } else if (isBoundary(node)) {
      const next = nextSummary(graph, path, i);
      const summary = next < 0 ? undefined : graph.nodes[path[next] ?? -1];
      steps.push({
        kind: 'compaction',
        id: node.uuid,
        nodes: summary === undefined ? [node] : [node, summary],
      });
      if (next >= 0) i = next + 1;
    } else if (node.isSummary === true && steps.length === 0) {
      // without a boundary a summary cuts nothing, but at the start it is all that is known of what came before
      steps.push({ kind: 'compaction', id: node.uuid, nodes: [node] });
    } else pushSingle(steps, node);
  }
  return { steps, covered };
}

/** Position of the summary that belongs to a boundary: the next user record, or -1 when that is no summary. */
function nextSummary(graph: Graph, path: number[], from: number): number {
  for (let i = from; i < path.length; i++) {
    const node = graph.nodes[path[i] ?? -1];
    if (node?.kind === 'user') return node.isSummary === true ? i : -1;
    if (node?.kind === 'assistant') return -1;
  }
  return -1;
}

function pushSingle(steps: Step[], node: Node): void {
  if (node.kind === 'user') steps.push({ kind: 'user', id: node.uuid, nodes: [node] });
  else if (node.kind === 'attachment' && node.subtype === 'queued_command')
    steps.push({ kind: 'queued', id: node.uuid, nodes: [node] });
  else if (node.kind === 'system' && (node.subtype === 'api_error' || node.subtype === 'informational'))
    steps.push({ kind: 'system', id: node.uuid, nodes: [node] });
}

/**
 * Where the response that starts at `from` ends on the path: after its last block and the results that follow.
 * Results may lie between its blocks; a prompt or another response ends it.
 */
function responseSpan(graph: Graph, path: number[], from: number): number {
  const id = graph.nodes[path[from] ?? -1]?.messageId;
  let end = from + 1;
  if (id === undefined) return end;
  for (let i = end; i < path.length; i++) {
    const node = graph.nodes[path[i] ?? -1];
    if (node === undefined || isBoundary(node)) break;
    if (node.kind === 'assistant' && node.messageId !== id) break;
    if (node.kind === 'user' && node.resultFor === undefined) break;
    if (node.kind === 'assistant' || node.kind === 'user') end = i + 1;
  }
  return end;
}

/** Blocks, results and other records of one response, each in file order, with those that hang beside the path. */
function gather(graph: Graph, span: number[], first: Node, covered: Set<number>, answered: Set<string>) {
  const kindOf = (index: number): Node['kind'] | undefined => graph.nodes[index]?.kind;
  const onPath = span.filter((index) => kindOf(index) === 'assistant');
  const siblings = first.messageId === undefined ? [] : (graph.responses.get(first.messageId) ?? []);
  const blocks = [...onPath, ...siblings.filter((index) => !covered.has(index))];
  for (const index of blocks) covered.add(index);
  const beside: number[] = [];
  for (const block of blocks)
    for (const index of graph.results.get(block) ?? []) {
      const call = graph.nodes[index]?.resultFor;
      if (covered.has(index) || call === undefined || answered.has(call)) continue;
      answered.add(call);
      covered.add(index);
      beside.push(index);
    }
  const results = [...span.filter((index) => kindOf(index) === 'user'), ...beside];
  const rest = span.filter((index) => kindOf(index) !== 'assistant' && kindOf(index) !== 'user');
  return { blocks: inOrder(graph, blocks), results: inOrder(graph, results), rest: inOrder(graph, rest) };
}

function inOrder(graph: Graph, indices: number[]): Node[] {
  return indices.sort((a, b) => a - b).flatMap((index) => graph.nodes[index] ?? []);
}

interface BranchPath {
  branch: Branch;
  leaf: number;
}

/** The part of another leaf's path that the active path lacks; undefined when nothing in it was said. */
function branchOf(graph: Graph, leaf: number, active: Steps): BranchPath | undefined {
  const own: number[] = [];
  const seen = new Set<number>();
  for (let at = leaf; at >= 0 && !active.covered.has(at) && !seen.has(at); at = graph.parents[at] ?? -1) {
    seen.add(at);
    own.push(at);
  }
  const { steps } = toSteps(graph, own.reverse());
  const lastStep = steps.at(-1);
  if (lastStep === undefined) return undefined;
  return { branch: { id: lastStep.id, entries: steps.length }, leaf };
}

function isBoundary(node: Node): boolean {
  return node.kind === 'system' && node.subtype === 'compact_boundary';
}
