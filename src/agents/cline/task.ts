/** Tasks of the extension up to 3.x: what stands beside their messages, and how prompts are wrapped. Read in its source. */
import { basename, dirname, join } from 'node:path';
import { readJsonFile } from '../../io/json-file.ts';
import { asArray, asObject, asText, asTimestamp, isObject } from '../../model/narrow.ts';
import type { Timestamp, Usage } from '../../model/session.ts';
import { usageOf } from '../_shared/cline-messages.ts';

export interface TaskFacts {
  title?: string;
  cwd?: string;
  model?: string;
  usage?: Usage;
  createdAt?: Timestamp;
}

const COUNTS = { input: 'tokensIn', output: 'tokensOut', cacheRead: 'cacheReads', cacheWrite: 'cacheWrites' };

/** The task's row in the list of tasks. Its id is the time at which it was made. */
export function taskFacts(messages: string): TaskFacts {
  const folder = dirname(messages);
  const id = basename(folder);
  const store = dirname(dirname(folder));
  const list = asArray(readJsonFile(join(store, 'state', 'taskHistory.json'))) ?? [];
  const row = list.filter(isObject).find((item) => item.id === id);
  return {
    title: asText(row?.task),
    cwd: asText(row?.cwdOnTaskInitialization),
    model: asText(row?.modelId),
    usage: usageOf(row, COUNTS),
    createdAt: asTimestamp(/^\d{13}$/.test(id) ? Number(id) : asObject(row)?.ts),
  };
}
