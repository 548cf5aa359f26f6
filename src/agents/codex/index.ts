/** OpenAI Codex CLI. */
import { join } from 'node:path';
import type { Agent } from '../contract.ts';
import { discover, recognize } from './discover.ts';
import { writer } from './encode.ts';
import { launch } from './launch.ts';
import { codexHome } from './paths.ts';
import { read, readOn } from './read.ts';
import { summarize } from './summarize.ts';
import { tools } from './tools.ts';

export const agent: Agent = {
  id: 'codex',
  name: 'Codex',
  bins: ['codex'],
  aliases: ['codex-cli', 'openai-codex'],
  roots: (env) => ['sessions', 'archived_sessions'].map((folder) => join(codexHome(env), folder)),
  discover,
  summarize,
  read,
  readOn,
  recognize,
  tools,
  launch,
  writer,
};
