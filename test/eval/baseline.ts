/**
 * What a simple tool would hand over under the same budget: the last messages cut at 500 characters, and for each tool
 * its first samples. As many messages as fit, which is more than such tools take.
 */

import type { TokenCounter } from '../../src/handoff/tokens.ts';
import type { Session } from '../../src/model/session.ts';

const SAMPLES = 5;

/** The baseline's document. */
export function baseline(session: Session, budget: number, count: TokenCounter): string {
  const samples = new Map<string, string[]>();
  const names = new Map<string, string>();
  const messages: string[] = [];
  for (const entry of session.entries()) {
    if (entry.type !== 'message' || entry.origin === 'harness') continue;
    for (const part of entry.parts) {
      if (part.type === 'text') messages.push(`${entry.role}: ${part.text.slice(0, 500)}`);
      else if (part.type === 'tool_call') {
        const subject = JSON.stringify(part.input).slice(0, 200);
        names.set(
          part.callId,
          `${part.native.name} ${part.tool === 'execute' ? part.input.command : subject}`,
        );
      } else if (part.type === 'tool_result') {
        const name = names.get(part.callId) ?? '';
        const tool = name.split(' ')[0] ?? '';
        const list = samples.get(tool) ?? [];
        const outcome = part.exitCode === undefined ? part.status : `exit ${part.exitCode}`;
        if (list.length < SAMPLES) list.push(`${name} → ${outcome}`);
        samples.set(tool, list);
      }
    }
  }
  const head: string[] = [];
  let left = budget - 20;
  for (const sample of [...samples.values()].flat()) {
    const tokens = count(`- ${sample}\n`);
    if (tokens > left - budget / 2) continue;
    left -= tokens;
    head.push(`- ${sample}`);
  }
  const tail: string[] = [];
  for (const message of messages.reverse()) {
    const tokens = count(`- ${message}\n`);
    if (tokens > left) break;
    left -= tokens;
    tail.unshift(`- ${message}`);
  }
  return [...head, ...tail].join('\n');
}
