/** The entry tree of a pi transcript (pi, OpenClaw): records linked by `id` and `parentId`; the last one is the leaf. */
import type { Diagnostic, Timestamp, Usage } from '../../model/session.ts';

/** What the skeleton pass learns of one record, without parsing its payload. */
export interface PiNode {
  /** Unique in the session: the record's id, or made from its place. */
  id: string;
  /** The id as stored. */
  nativeId?: string;
  /** The parent's id as stored; null at a root, undefined when the record has none. */
  parentId?: string | null;
  /** The record before this one on its path; undefined at a root. */
  parent?: PiNode;
  type: string;
  /** Of a `leaf` record (OpenClaw): the record that the path goes on from. */
  targetId?: string;
  /** OpenClaw: added beside the path, which goes on from the record before. */
  side?: boolean;
  /** Of a message. */
  role?: string;
  /** An assistant message that is only the record of a failed try. */
  failed?: boolean;
  model?: string;
  usage?: Usage;
  time?: Timestamp;
  /** Byte range in the file; for a database row `start` is its number. */
  start: number;
  end: number;
}

/** The records of one transcript, in the order they were written. */
export interface PiTree {
  nodes: PiNode[];
  /** The last record of the active path. */
  active: PiNode | undefined;
  /** Nodes that no other node follows. */
  leaves: PiNode[];
  find(id: string): PiNode | undefined;
}

/**
 * Links nodes to their parents and makes their ids unique.
 * A parent is always an earlier record. Where it is not named or not there, the record before in the file is taken, so
 * that damage in one line does not hide the history before it; the agent itself would drop that history.
 * Version 1 files (pi before entry trees) have no ids: their order is the path.
 */
export function linkTree(nodes: PiNode[], version: number, diagnostics: Diagnostic[], path: string): PiTree {
  const byNativeId = new Map<string, PiNode>();
  const ids = new Set<string>();
  const followed = new Set<PiNode>();
  let previous: PiNode | undefined;
  for (const [index, node] of nodes.entries()) {
    node.id = uniqueId(node, index, version, ids, diagnostics, path);
    node.parent = parentOf(node, previous, version, byNativeId, diagnostics, path);
    if (node.parent !== undefined) followed.add(node.parent);
    if (node.nativeId !== undefined) byNativeId.set(node.nativeId, node);
    previous = node;
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return {
    nodes,
    active: nodes.findLast((node) => node.side !== true),
    leaves: nodes.filter((node) => !followed.has(node)),
    find: (id) => byId.get(id),
  };
}

function uniqueId(
  node: PiNode,
  index: number,
  version: number,
  ids: Set<string>,
  diagnostics: Diagnostic[],
  path: string,
): string {
  let id = node.nativeId !== undefined && version >= 2 ? node.nativeId : `entry-${index + 1}`;
  if (ids.has(id)) {
    diagnostics.push({
      code: 'duplicate-id',
      message: 'two records have the same id',
      path,
      at: node.start,
    });
    id = `${id}~${index + 1}`;
  }
  ids.add(id);
  return id;
}

function parentOf(
  node: PiNode,
  previous: PiNode | undefined,
  version: number,
  byNativeId: Map<string, PiNode>,
  diagnostics: Diagnostic[],
  path: string,
): PiNode | undefined {
  if (version < 2) return previous;
  const wanted = namedParent(node);
  if (wanted === null) return undefined;
  const parent = wanted === undefined ? undefined : byNativeId.get(wanted);
  if (parent === undefined && previous !== undefined) {
    const message = 'the parent of a record is missing: the record before it is taken';
    diagnostics.push({ code: 'broken-chain', message, path, at: node.start });
  }
  return parent ?? previous;
}

/** The stored id of the record that a node goes on from; null at a root, undefined when none is named. */
export function namedParent(node: PiNode): string | null | undefined {
  return node.type === 'leaf' ? (node.targetId ?? null) : node.parentId;
}

/** The path from the root to a node. */
export function pathTo(leaf: PiNode | undefined): PiNode[] {
  const path: PiNode[] = [];
  for (let node = leaf; node !== undefined; node = node.parent) path.push(node);
  return path.reverse();
}

/** Whether a record says something in the conversation. */
export function isConversation(node: PiNode): boolean {
  if (node.type === 'message') return node.role !== 'system';
  return node.type === 'compaction' || node.type === 'branch_summary' || node.type === 'custom_message';
}
