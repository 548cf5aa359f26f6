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
  const leaves: number[] = [];
  for (let index = 0; index < nodes.length; index++) if (graph.hasChild[index] !== 1) leaves.push(index);
  const last = leaves.at(-1) ?? nodes.length - 1;
  const active = toSteps(graph, climb(graph, last, path, diagnostics));
  const branchOf = branchFinder(graph, active);
  const others = leaves.filter((leaf) => leaf !== last).map(branchOf);
  const branches = [...new Map(others.flatMap((o) => (o === undefined ? [] : [[o.branch.id, o]])))].map(
    ([, other]) => other as BranchPath,
  );
  if (leafId === undefined || leafId === active.steps.at(-1)?.id)
    return { steps: active.steps, branches: branches.map((other) => other.branch) };
  const wanted =
    branches.find((other) => other.branch.id === leafId)?.leaf ??
    nodes.findLastIndex((node) => node.uuid === leafId);
  if (wanted < 0) return undefined;
  const steps = toSteps(graph, climb(graph, wanted, path, diagnostics)).steps;
  return { steps, branches: branches.map((other) => other.branch) };
}

interface Graph {
  nodes: Node[];
  /** Index of the parent, -1 for none. */
  parents: Int32Array;
  hasChild: Uint8Array;
}

function link(nodes: Node[], path: string, diagnostics: Diagnostic[]): Graph {
  const parents = new Int32Array(nodes.length).fill(-1);
  const hasChild = new Uint8Array(nodes.length);
  // most records follow the one before them: a long session that never forked needs no map
  let byUuid: Map<string, number> | undefined;
  const find = (uuid: string, index: number): number | undefined => {
    if (nodes[index - 1]?.uuid === uuid) return index - 1;
    byUuid ??= new Map(nodes.map((node, at) => [node.uuid, at]));
    return byUuid.get(uuid);
  };
  let dangling = 0;
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    if (node === undefined) continue;
    const named = node.parent === null ? node.logicalParent : node.parent;
    let parent = -1;
    if (named !== undefined || node.parent === undefined || isBoundary(node)) {
      const found = named === undefined ? undefined : find(named, index);
      if (found === undefined && named !== undefined) dangling++;
      parent = found ?? index - 1;
    }
    parents[index] = parent;
    if (parent >= 0) hasChild[parent] = 1;
  }
  if (dangling > 0)
    diagnostics.push({
      code: 'broken-chain',
      message: `${dangling} records name a parent that is not there; the record before is taken`,
      path,
    });
  return { nodes, parents, hasChild };
}

/** Indices from the root down to `leaf`. A cycle is cut where it closes. */
function climb(graph: Graph, leaf: number, path: string, diagnostics: Diagnostic[]): number[] {
  const seen = new Uint8Array(graph.nodes.length);
  const up: number[] = [];
  let at = leaf;
  while (at >= 0 && seen[at] !== 1) {
    seen[at] = 1;
    up.push(at);
    at = graph.parents[at] ?? -1;
  }
  if (at >= 0) diagnostics.push({ code: 'broken-chain', message: 'the parent chain runs in a circle', path });
  return up.reverse();
}

interface Steps {
  steps: Step[];
  covered: Cover;
}

/** The nodes that steps cover or that their path runs through. */
interface Cover {
  /** 1 for each. */
  marks: Uint8Array;
  /** Their indices. */
  nodes: number[];
}

function cover({ marks, nodes }: Cover, index: number): void {
  marks[index] = 1;
  nodes.push(index);
}

/** What hangs beside a path: blocks of its responses, and results of its calls. */
interface Beside {
  /** Assistant records by `message.id`. */
  responses: Map<string, number[]>;
  /** User records that hold a result, by the record they hang on. */
  results: Map<number, number[]>;
}

function besideOf({ nodes, parents }: Graph, marks: Uint8Array | undefined): Beside {
  const beside: Beside = { responses: new Map(), results: new Map() };
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    if (node === undefined || marks?.[index] === 1) continue;
    const parent = parents[index] ?? -1;
    if (node.kind === 'assistant' && node.messageId !== undefined)
      add(beside.responses, node.messageId, index);
    if (node.resultFor !== undefined && parent >= 0) add(beside.results, parent, index);
  }
  return beside;
}

/** Calls that are answered on a path. */
function answeredOn({ nodes }: Graph, path: number[]): Set<string> {
  const calls = new Set<string>();
  for (const index of path) {
    const call = nodes[index]?.resultFor;
    if (call !== undefined) calls.add(call);
  }
  return calls;
}

function add<K>(map: Map<K, number[]>, key: K, index: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [index]);
  else list.push(index);
}

/** Steps of a path. `marks` (all 0) and `known` (what hangs anywhere) are given where they serve several paths. */
function toSteps(
  graph: Graph,
  path: number[],
  marks = new Uint8Array(graph.nodes.length),
  known?: Beside,
): Steps {
  const covered: Cover = { marks, nodes: [] };
  for (const index of path) cover(covered, index);
  const beside = known ?? besideOf(graph, marks);
  const answered = beside.results.size > 0 ? answeredOn(graph, path) : new Set<string>();
  const steps: Step[] = [];
  let i = 0;
  while (i < path.length) {
    const index = path[i] ?? -1;
    const node = graph.nodes[index];
    i++;
    if (node === undefined) continue;
    if (node.kind === 'assistant') {
      const span = responseSpan(graph, path, i - 1);
      const own = path.slice(i - 1, span);
      const { blocks, results, rest } = gather(graph, own, node, { covered, beside, answered });
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

interface Gathering {
  covered: Cover;
  beside: Beside;
  /** Calls that have their result. */
  answered: Set<string>;
}

/** Blocks, results and other records of one response, each in file order, with those that hang beside the path. */
function gather(graph: Graph, span: number[], first: Node, { covered, beside, answered }: Gathering) {
  const blocks: number[] = [];
  const results: number[] = [];
  const rest: number[] = [];
  for (const index of span) {
    const kind = graph.nodes[index]?.kind;
    (kind === 'assistant' ? blocks : kind === 'user' ? results : rest).push(index);
  }
  for (const index of beside.responses.get(first.messageId ?? '') ?? []) {
    if (covered.marks[index] === 1) continue;
    cover(covered, index);
    blocks.push(index);
  }
  if (beside.results.size > 0)
    for (const block of blocks)
      for (const index of beside.results.get(block) ?? []) {
        const call = graph.nodes[index]?.resultFor;
        if (covered.marks[index] === 1 || call === undefined || answered.has(call)) continue;
        answered.add(call);
        cover(covered, index);
        results.push(index);
      }
  return { blocks: inOrder(graph, blocks), results: inOrder(graph, results), rest: inOrder(graph, rest) };
}

function inOrder(graph: Graph, indices: number[]): Node[] {
  const nodes: Node[] = [];
  for (const index of indices.length > 1 ? indices.sort((a, b) => a - b) : indices) {
    const node = graph.nodes[index];
    if (node !== undefined) nodes.push(node);
  }
  return nodes;
}

interface BranchPath {
  branch: Branch;
  leaf: number;
}

/** Leaf → the part of its path that the active path lacks; undefined when nothing in it was said. */
function branchFinder(graph: Graph, active: Steps): (leaf: number) => BranchPath | undefined {
  // shared by all leaves: there may be very many
  const marks = new Uint8Array(graph.nodes.length);
  let beside: Beside | undefined;
  return (leaf) => {
    const own: number[] = [];
    const seen = new Set<number>();
    let at = leaf;
    while (at >= 0 && active.covered.marks[at] !== 1 && !seen.has(at)) {
      seen.add(at);
      own.push(at);
      at = graph.parents[at] ?? -1;
    }
    if (own.length === 0) return undefined;
    beside ??= besideOf(graph, undefined);
    const { steps, covered } = toSteps(graph, own.reverse(), marks, beside);
    for (const index of covered.nodes) marks[index] = 0;
    const lastStep = steps.at(-1);
    if (lastStep === undefined) return undefined;
    return { branch: { id: lastStep.id, entries: steps.length }, leaf };
  };
}

function isBoundary(node: Node): boolean {
  return node.kind === 'system' && node.subtype === 'compact_boundary';
}
