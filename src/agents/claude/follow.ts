/**
 * The second step of reading while the first is still at it: the steps of a conversation whose records come in order. What is
 * not simply in order needs the whole skeleton (path.ts). Both say the same of what both can say: a property test holds them
 * to it.
 */
import { SeenIds } from '../_shared/seen-ids.ts';
import { isBoundary, type Step, singleKind } from './path.ts';
import type { Node } from './skeleton.ts';

/** A response that is being received, with the results of its calls. */
interface Response {
  id: string;
  blocks: Node[];
  results: Node[];
  /** Records of other kinds between them. */
  rest: Node[];
  /** Every result hangs on a block, and nothing else is there: then it makes no difference which of them the next one hangs on. */
  flat: boolean;
}

/** Follows the records of one transcript. */
export class Follower {
  readonly #ids = new SeenIds();
  readonly #responses = new SeenIds();
  readonly #answered = new SeenIds();
  /** Id of the record before. */
  #last: string | undefined;
  #response: Response | undefined;
  /** A compaction that waits for its summary, and what came since. */
  #boundary: { node: Node; between: Node[] } | undefined;
  #steps: Step[] = [];
  /** No step is complete yet. */
  #empty = true;

  /** Takes the next record. Returns the steps that are complete now; undefined when it is not simply the next. */
  add(node: Node): Step[] | undefined {
    if (!this.#hangsRight(node) || !this.#ids.add(node.uuid) || !this.#place(node)) return undefined;
    this.#last = node.uuid;
    return this.#take();
  }

  /** The steps that are left at the end. */
  end(): Step[] {
    this.#endResponse();
    this.#endBoundary();
    return this.#take();
  }

  #take(): Step[] {
    if (this.#steps.length === 0) return NONE;
    const steps = this.#steps;
    this.#steps = [];
    this.#empty = false;
    return steps;
  }

  /** On the record before it; or on one of the response at hand, where that makes no difference. */
  #hangsRight(node: Node): boolean {
    const named = node.parent === null ? node.logicalParent : node.parent;
    if (this.#last === undefined) return named === undefined;
    if (named === this.#last) return true;
    if (named === undefined) return node.parent === undefined || isBoundary(node);
    const response = this.#response;
    if (response?.flat !== true) return false;
    const onBlock = response.blocks.some(({ uuid }) => uuid === named);
    if (node.kind === 'user') return onBlock && node.resultFor !== undefined;
    return node.messageId === response.id && (onBlock || response.results.some(({ uuid }) => uuid === named));
  }

  /** False when the record's place depends on what is elsewhere. */
  #place(node: Node): boolean {
    if (node.kind === 'assistant') return this.#placeBlock(node);
    if (node.kind === 'user') return this.#placeUser(node);
    if (isBoundary(node)) {
      this.#endResponse();
      if (this.#boundary !== undefined) return false;
      this.#boundary = { node, between: [] };
    } else if (this.#response !== undefined) {
      this.#response.rest.push(node);
      this.#response.flat = false;
    } else if (this.#boundary !== undefined) this.#boundary.between.push(node);
    else this.#single(node);
    return true;
  }

  #placeBlock(node: Node): boolean {
    const id = node.messageId;
    if (id !== undefined && id === this.#response?.id) {
      this.#response.blocks.push(node);
      return true;
    }
    this.#endResponse();
    this.#endBoundary();
    if (id === undefined) this.#steps.push({ kind: 'assistant', id: node.uuid, nodes: [node] });
    else if (this.#responses.add(id))
      this.#response = { id, blocks: [node], results: [], rest: [], flat: true };
    else return false;
    return true;
  }

  #placeUser(node: Node): boolean {
    const response = this.#response;
    if (node.resultFor !== undefined) {
      if (!this.#answered.add(node.resultFor)) return false;
      if (response !== undefined) {
        response.results.push(node);
        response.flat &&= response.blocks.some(({ uuid }) => uuid === node.parent);
        return true;
      }
    }
    this.#endResponse();
    const boundary = this.#boundary?.node;
    if (node.isSummary === true && boundary !== undefined) {
      // what came between them is no part of the conversation
      this.#boundary = undefined;
      this.#steps.push({ kind: 'compaction', id: boundary.uuid, nodes: [boundary, node] });
      return true;
    }
    this.#endBoundary();
    if (node.isSummary === true && this.#empty && this.#steps.length === 0)
      this.#steps.push({ kind: 'compaction', id: node.uuid, nodes: [node] });
    else this.#single(node);
    return true;
  }

  #single(node: Node): void {
    const kind = singleKind(node);
    if (kind !== undefined) this.#steps.push({ kind, id: node.uuid, nodes: [node] });
  }

  #endResponse(): void {
    const response = this.#response;
    if (response === undefined) return;
    this.#response = undefined;
    const { blocks, results, rest } = response;
    this.#steps.push({ kind: 'assistant', id: blocks[0]?.uuid ?? '', nodes: blocks });
    for (const result of results) this.#single(result);
    for (const other of rest) this.#single(other);
  }

  #endBoundary(): void {
    const boundary = this.#boundary;
    if (boundary === undefined) return;
    this.#boundary = undefined;
    this.#steps.push({ kind: 'compaction', id: boundary.node.uuid, nodes: [boundary.node] });
    for (const node of boundary.between) this.#single(node);
  }
}

const NONE: Step[] = [];
