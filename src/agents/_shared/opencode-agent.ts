/** Assembles an agent of the OpenCode family. */
import type { Agent } from '../contract.ts';
import { recognize } from './opencode-discover.ts';
import { accepts, encode } from './opencode-encode.ts';
import type { Family } from './opencode-family.ts';
import { launch } from './opencode-launch.ts';
import { databasePath, dataFolder } from './opencode-places.ts';
import { probe } from './opencode-probe.ts';
import { read } from './opencode-read.ts';
import { summarize } from './opencode-summary.ts';
import { tools } from './opencode-tools.ts';

export function opencodeAgent(family: Family, discover: Agent['discover']): Agent {
  return {
    id: family.id,
    name: family.name,
    bins: [family.id],
    aliases: family.aliases,
    roots(env) {
      const database = databasePath(family, env);
      const folder = dataFolder(family, env);
      return database === undefined || database.startsWith(folder) ? [folder] : [folder, database];
    },
    discover,
    summarize: (ref) => summarize(ref),
    read: (ref, _context, options) => read(family, ref, options),
    recognize: (path, context) => recognize(family, path, context),
    tools,
    launch: launch(family),
    writer: {
      accepts,
      probe: (env, cwd) => probe(family, env, cwd),
      encode: (session, target) => encode(family, session, target),
    },
  };
}
