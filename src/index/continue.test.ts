/** Logs that grow record by record: what the index makes of them in steps is what it makes of the whole. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codex } from '../../test/growing/codex.ts';
import { copilot } from '../../test/growing/copilot.ts';
import { droid } from '../../test/growing/droid.ts';
import { gemini } from '../../test/growing/gemini.ts';
import { kimi } from '../../test/growing/kimi.ts';
import { COMMON, type Log } from '../../test/growing/log.ts';
import { openclaw, pi } from '../../test/growing/pi.ts';
import { qwen } from '../../test/growing/qwen.ts';
import { contents } from '../../test/index-contents.ts';
import { scratchEnv } from '../../test/scratch.ts';
import type { SessionRef } from '../agents/contract.ts';
import { loadAgent } from '../agents/registry.ts';
import { openFullIndex } from './fullindex.ts';
import { removeIndex } from './store.ts';
import type { Continuation } from './texts.ts';

/** Random histories; more with INDEX_RUNS. */
const RUNS = Number(process.env.INDEX_RUNS ?? 25);

const logs: Record<string, Log> = { codex, gemini, qwen, pi, openclaw, droid, copilot, kimi };

const historyOf = (kinds: string[]) =>
  fc.array(fc.record({ kind: fc.constantFrom(...kinds), index: fc.boolean() }), {
    minLength: 4,
    maxLength: 24,
  });

for (const [id, { path, begin, common = COMMON, records }] of Object.entries(logs)) {
  test(`${id}: any records, indexed on the way or at the end`, {
    timeout: 30_000 + RUNS * 2000,
  }, async () => {
    const agent = await loadAgent(id);
    let continued = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(historyOf(common), historyOf([...common, ...Object.keys(records)])),
        async (steps) => {
          const env = scratchEnv();
          const file = join(env.home, path);
          mkdirSync(dirname(file), { recursive: true });
          appendFileSync(file, `${JSON.stringify(begin)}\n`);
          let next: Continuation | undefined;
          for (const [n, step] of steps.entries()) {
            appendFileSync(file, `${JSON.stringify(records[step.kind]?.(n + 3))}\n`);
            if (!step.index) continue;
            const ref = agent.discover({ env }).refs[0] as SessionRef;
            if (next !== undefined && next.state.entries > 0 && agent.readOn?.(ref, { env }, next.mark))
              continued++;
            const { index } = await openFullIndex(env);
            const row = index.get('SELECT next FROM session');
            next = typeof row?.next === 'string' ? JSON.parse(row.next) : undefined;
            index.close();
          }
          const inSteps = await contents(env);
          removeIndex(env);
          expect(inSteps).toEqual(await contents(env));
        },
      ),
      { numRuns: RUNS },
    );
    // a guard against a property that never comes to what it is about
    expect(continued).toBeGreaterThan(RUNS / 12);
  });
}
