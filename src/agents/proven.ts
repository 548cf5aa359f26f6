/** What the conformance run proved with real agents: `proven.generated.json`, written by that run. */
import { asArray, asObject, asText } from '../model/narrow.ts';
import evidence from './proven.generated.json' with { type: 'json' };

/** A version of an agent that resumed what segue wrote, and sent its model the same conversation. */
export interface Proof {
  version: string;
  /** Agents whose sessions it was given. */
  from: string[];
}

/** Proofs for writing to an agent, by version; empty when unproven. */
export function proofs(agent: string): Proof[] {
  const found = new Map<string, string[]>();
  for (const item of asArray(asObject(evidence)?.pairs) ?? []) {
    const pair = asObject(item);
    const version = asText(pair?.targetVersion);
    const source = asText(pair?.source);
    if (pair?.target !== agent || version === undefined || source === undefined) continue;
    found.set(version, [...(found.get(version) ?? []), source]);
  }
  return [...found].map(([version, from]) => ({ version, from }));
}
