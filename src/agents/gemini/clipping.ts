/** Records as far as they are wanted: results are cut shorter than what was said, unless they failed. */
import type { Clipper } from '../../io/clip.ts';
import { asObject, asText, parseObject } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import { contentParts } from '../_shared/gemini-parts.ts';
import { readShellOutput } from '../_shared/gemini-shell.ts';
import type { Clipping } from '../contract.ts';

const HEAD_BYTES = 240;
/** A message of results, in the order of members that the agent writes (0.38.2, 0.61.0, measured). */
const RESULTS = /^\{"id":"[^"\\]*","timestamp":"[^"\\]*","type":"user","content":\[\{"functionResponse":\{/;
/** Parses a record; undefined when it is not a JSON object. */
export function parseRecord(
  bytes: Buffer,
  { clip, clipOutput = clip, textsOnly = false }: Clipping,
  clipper: Clipper,
): JsonObject | undefined {
  const parse = (max: number | undefined): JsonObject | undefined =>
    parseObject(clipper.text(bytes, 0, bytes.length, max));
  if (clip === clipOutput || !RESULTS.test(bytes.toString('latin1', 0, HEAD_BYTES))) return parse(clip);
  const short = parse(clipOutput);
  const cut = clipOutput !== undefined && bytes.length > clipOutput;
  return cut && !textsOnly && contentParts(short?.content).some(hasFailed) ? parse(clip) : short;
}

function hasFailed(part: JsonObject): boolean {
  const response = asObject(asObject(part.functionResponse)?.response);
  if (response === undefined) return false;
  // what is cut is in the middle: a command's outcome stands at the end
  const shell = readShellOutput(asText(response.output) ?? '', undefined);
  return response.error !== undefined || (shell !== undefined && (shell.interrupted || shell.exitCode !== 0));
}
