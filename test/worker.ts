/** A process that makes several transfers into one home: `node worker.mjs <root> <number> <count>`. */
import { applyTransfer, planTransfer } from '../src/transfer/index.ts';
import { holding, projectOf, scratchEnv } from './scratch.ts';
import { sessionOf } from './session-of.ts';
import { toyAgent } from './toy-agent.ts';

const [root = '', number = '', count = ''] = process.argv.slice(2);
const env = scratchEnv(root);
const origin = toyAgent({ id: 'origin', store: 'file' });
const target = toyAgent({ id: 'filed', store: 'file' });
for (let n = 0; n < Number(count); n++) {
  const said = { type: 'text' as const, text: `${number}.${n}` };
  const base = { id: 'a', parentId: null, evidence: [], type: 'message' as const };
  const entry = { ...base, role: 'user' as const, origin: 'human' as const, parts: [said] };
  const session = sessionOf('origin', [entry], projectOf(env));
  // on a busy machine the processes wait for each other longer than a person would
  await applyTransfer(planTransfer({ env, ...holding(origin, session), target }), { busyMs: 60_000 });
}
