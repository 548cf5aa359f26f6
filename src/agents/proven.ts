/** Versions of the real agents that the conformance run proved, from `proven.generated.json` (written by that run). */
import { asArray, asObject, asText } from '../model/narrow.ts';
import evidence from './proven.generated.json' with { type: 'json' };

/** Versions with which what segue writes for this agent was resumed and compared; empty when unproven. */
export function provenVersions(agent: string): string[] {
  const record = asObject(asObject(asObject(evidence)?.agents)?.[agent]);
  return (asArray(record?.versions) ?? []).map(asText).filter((version) => version !== undefined);
}
