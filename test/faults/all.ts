/** Kills every plan and every action at every step and says how it went: `node test/faults/all.ts`. */
import { closeLab, killEverywhere, makeLab } from './loop.ts';
import { plans } from './plans.ts';

const lab = await makeLab();
let kills = 0;
let faults = 0;
try {
  for (const plan of plans) {
    for (const [action, from] of [
      ['apply', 0],
      ['undo', 0],
      ['recover', 0.95],
      ['recover', 0.5],
    ] as const) {
      const outcome = await killEverywhere(lab, plan, action, from);
      kills += outcome.kills;
      faults += outcome.faults.length;
      const { before, complete } = outcome;
      console.log(
        `${plan.name}: ${action}: ${outcome.kills} kills, ${before} as before, ${complete} complete`,
      );
      for (const fault of outcome.faults) console.log(`  ${fault}`);
    }
  }
} finally {
  closeLab(lab);
}
console.log(`${kills} kills, ${faults} faults`);
process.exitCode = faults === 0 ? 0 : 1;
