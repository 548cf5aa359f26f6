/**
 * One run that is killed at one step: `node child.mjs <action> <plan> <root> <step> <importer>`. Step 0 runs to the end
 * and prints the names of all steps, one a line.
 */
import { applyTransfer, recover, undo } from '../../src/transfer/index.ts';
import { scratchEnv } from '../scratch.ts';
import { planIn, plans } from './plans.ts';

const [action = '', name = '', root = '', killAt = '0', importer = ''] = process.argv.slice(2);
const env = scratchEnv(root);
const plan = plans.find((each) => each.name === name);
if (plan === undefined) throw new Error(`no plan ${name}`);

const steps: string[] = [];
const onStep = (step: string): void => {
  steps.push(step);
  if (steps.length === Number(killAt)) process.kill(process.pid, 'SIGKILL');
};

if (action === 'apply') await applyTransfer(await planIn(env, plan, importer), { onStep });
else if (action === 'undo') await undo({ env, onStep, loadAgent: () => plan.agent(importer) });
else await recover(env, { onStep, loadAgent: () => plan.agent(importer) });
process.stdout.write(`${steps.join('\n')}\n`);
