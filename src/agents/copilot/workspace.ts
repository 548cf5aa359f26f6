/** `workspace.yaml`: a flat file of facts about a session. */
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { readTextFile } from '../../io/files.ts';
import { asObject, asText, asTimestamp } from '../../model/narrow.ts';
import type { JsonObject, Timestamp } from '../../model/session.ts';
import { TRANSCRIPT, WORKSPACE } from './places.ts';

export interface Workspace {
  name?: string;
  cwd?: string;
  branch?: string;
  createdAt?: Timestamp;
  /** It is there, but cannot be parsed: Copilot does not resume such a session. */
  damaged: boolean;
}

/** What stands beside a transcript; nothing when there is no such file. */
export function readWorkspace(transcript: string): Workspace {
  if (basename(transcript) !== TRANSCRIPT) return { damaged: false };
  const text = readTextFile(join(dirname(transcript), WORKSPACE));
  const facts = text === undefined ? {} : parsed(text);
  return {
    // early versions kept a generated title in `summary`
    name: asText(facts?.name) ?? asText(facts?.summary),
    cwd: asText(facts?.cwd),
    branch: asText(facts?.branch),
    createdAt: asTimestamp(facts?.created_at),
    damaged: facts === undefined,
  };
}

function parsed(text: string): JsonObject | undefined {
  try {
    return asObject(parse(text, { schema: 'failsafe', logLevel: 'error' }));
  } catch (error) {
    // whatever it says, it is not a flat file of facts
    void error;
    return undefined;
  }
}
