/** Whether a list says what is true of a generated corpus: a fast list that is wrong is no result. */
import type { Truth } from './corpus.ts';

/** What `list --json` says of a session. */
export interface Listed {
  id: string;
  title: string | null;
  cwd: string | null;
  createdAt: string | null;
  updatedAt: string;
  messages?: { user: number; assistant: number };
}

/** Milliseconds by which a time may differ: Gemini's records carry the start beside the first message's own time. */
const SLACK_MS = 60_000;

/** What is wrong, one line each, at most 20; empty: everything is there and right. `counted`: full text was read, counts must be there. */
export function wrongs(truth: readonly Truth[], listed: readonly Listed[], counted: boolean): string[] {
  const byId = new Map(listed.map((session) => [session.id, session]));
  const found: string[] = [];
  if (byId.size !== truth.length || listed.length !== truth.length)
    found.push(`${listed.length} sessions listed (${byId.size} ids) of ${truth.length}`);
  for (const session of truth) {
    const other = byId.get(session.id);
    const differences = other === undefined ? ['is missing'] : differencesOf(session, other, counted);
    for (const difference of differences) found.push(`${session.agent}:${session.id} ${difference}`);
    if (found.length > 20) break;
  }
  return found;
}

function differencesOf(truth: Truth, listed: Listed, counted: boolean): string[] {
  const found: string[] = [];
  const same = (name: string, is: unknown, should: unknown): void => {
    if (is !== should) found.push(`${name} is ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
  };
  same('title', listed.title, truth.title);
  same('cwd', listed.cwd, truth.cwd);
  same('updatedAt', listed.updatedAt, truth.updatedAt);
  const late = Date.parse(truth.createdAt) - Date.parse(listed.createdAt ?? '');
  if (!(late >= 0 && late <= SLACK_MS))
    found.push(`createdAt is ${listed.createdAt}, not ${truth.createdAt}`);
  if (counted || listed.messages !== undefined) {
    same('messages.user', listed.messages?.user, truth.user);
    same('messages.assistant', listed.messages?.assistant, truth.assistant);
  }
  return found;
}
