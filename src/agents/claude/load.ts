/** Between the second and the third step of reading: the record of a node, without the bulk that nobody asks for. */
import type { Clipper } from '../../io/clip.ts';
import { valueEnd } from '../../io/json-scan.ts';
import { checksum, type LineFile } from '../../io/lines.ts';
import { parseJson, parseObject } from '../../model/narrow.ts';
import type { Evidence, JsonObject } from '../../model/session.ts';
import type { Clipping } from '../contract.ts';
import type { Parsed, RecordContext } from './records.ts';
import type { Node, Skeleton } from './skeleton.ts';

/** Strings longer than this are cut in a result's details. */
const MAX_DETAIL = 400;

/** What records are loaded with. */
export interface LoadContext extends RecordContext {
  clipper: Clipper;
}

/** The record of a node; undefined, and told, when it is not valid JSON. */
export function loadRecord(
  file: LineFile,
  node: Node,
  { skeleton, clipping }: { skeleton: Skeleton; clipping: Clipping },
  context: LoadContext,
): Parsed | undefined {
  const { clip } = clipping;
  const bytes = file.slice(node.start, node.end);
  const evidence: Evidence = { kind: 'range', path: file.path, start: node.start, end: node.end };
  if (clip === undefined) evidence.crc32 = checksum(bytes);
  const record =
    parseContent(bytes, node, clipping, context.clipper) ??
    parseObject(needed(bytes, node, clipping, context.clipper));
  if (record === undefined) {
    context.problem('bad-record', 'a record is not valid JSON', evidence);
    return undefined;
  }
  const usage = skeleton.usage.get(node.messageId ?? '');
  return usage === undefined ? { record, evidence } : { record, evidence, usage };
}

/** A record that was read quickly, from its content alone. */
function parseContent(
  bytes: Buffer,
  { start, contentAt, contentEnd, outcome, uuid, time, model, resultFor }: Node,
  { clip, clipOutput }: Clipping,
  clipper: Clipper,
): JsonObject | undefined {
  if (contentAt === undefined) return undefined;
  const from = contentAt - start;
  const to = contentEnd === undefined ? valueEnd(bytes, from, bytes.length) : contentEnd - start;
  const failed = outcome === undefined || outcome.isError || outcome.details.interrupted === true;
  const most = failed ? clip : (clipOutput ?? clip);
  const content = to < 0 ? undefined : parseJson(clipper.text(bytes, from, to, most));
  if (content === undefined || (outcome === undefined && !Array.isArray(content))) return undefined;
  const record = { uuid, ...(time === undefined ? {} : { timestamp: time }) };
  if (outcome === undefined) return { ...record, message: { model: model ?? null, content } };
  const { isError, details } = outcome;
  const block = { type: 'tool_result', tool_use_id: resultFor ?? '', content, is_error: isError };
  return { ...record, message: { content: [block] }, toolUseResult: details };
}

/** The record's bytes without what is not needed of long texts. */
function needed(
  bytes: Buffer,
  node: Node,
  { clip, clipOutput, textsOnly }: Clipping,
  clipper: Clipper,
): string {
  if (node.detailsAt === undefined) return clipper.text(bytes, 0, bytes.length, clip);
  const at = node.detailsAt - node.start;
  if (textsOnly === true) return clipper.parts(bytes, [[0, at, clipOutput ?? clip]], CLOSE);
  const most = clipOutput === undefined || failed(bytes, at) ? clip : clipOutput;
  return clipper.parts(bytes, [
    [0, at, most],
    [at, bytes.length, MAX_DETAIL],
  ]);
}

const CLOSE = Buffer.from('}');
const AROUND = 300;
const FAILED = '"is_error":true';

/** Whether a result record tells of a failure; looks around the output, not into it. */
function failed(bytes: Buffer, detailsAt: number): boolean {
  const tail = bytes.toString('latin1', Math.max(detailsAt - AROUND, 0), detailsAt + AROUND);
  if (tail.includes(FAILED) || tail.includes('"toolUseResult":"Error:')) return true;
  return detailsAt > AROUND && bytes.toString('latin1', 0, AROUND).includes(FAILED);
}
