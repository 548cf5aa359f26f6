/** A share of the complete loop in `all.ts`: every kind of addition, every step, each killed once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Action, closeLab, killEverywhere, type Lab, makeLab } from './loop.ts';
import { plans } from './plans.ts';

describe('killed at every step, the store is as before or complete', () => {
  let lab: Lab;
  let kills = 0;
  beforeAll(async () => {
    lab = await makeLab();
  });
  afterAll(() => {
    closeLab(lab);
    expect(kills).toBeGreaterThanOrEqual(200);
  });

  test.concurrent.each<[string, Action]>([
    ['files, line, members and row, in a store in use', 'apply'],
    ['rows only', 'undo'],
    ['codex', 'recover'],
    ['claude', 'apply'],
  ])('%s: %s', { timeout: 300_000 }, async (name, action) => {
    const plan = plans.find((each) => each.name === name);
    if (plan === undefined) throw new Error(name);
    const outcome = await killEverywhere(lab, plan, action);
    kills += outcome.kills;
    expect(outcome.faults).toEqual([]);
    expect(outcome.before + outcome.complete).toBe(outcome.kills);
  });
});
