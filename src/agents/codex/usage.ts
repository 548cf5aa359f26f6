/** Codex's token counts. */
import { asNumber, asObject } from '../../model/narrow.ts';
import type { Usage } from '../../model/session.ts';

/** `input_tokens` includes cached ones and `output_tokens` includes reasoning; ours does not count cached input twice. */
export function readUsage(value: unknown): Usage | undefined {
  const counts = asObject(value);
  if (counts === undefined) return undefined;
  const cacheRead = asNumber(counts.cached_input_tokens);
  const all = asNumber(counts.input_tokens);
  const usage: Usage = {};
  if (all !== undefined) usage.input = Math.max(all - (cacheRead ?? 0), 0);
  const output = asNumber(counts.output_tokens);
  if (output !== undefined) usage.output = output;
  if (cacheRead !== undefined) usage.cacheRead = cacheRead;
  const cacheWrite = asNumber(counts.cache_write_input_tokens);
  if (cacheWrite !== undefined) usage.cacheWrite = cacheWrite;
  const reasoning = asNumber(counts.reasoning_output_tokens);
  if (reasoning !== undefined) usage.reasoning = reasoning;
  return usage;
}
