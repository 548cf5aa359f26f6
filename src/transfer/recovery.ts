import type { Env } from '../io/paths.ts';
import type { OnStep, Recovery } from './types.ts';

/** Repairs what crashed processes left. Costs one directory listing when there is nothing to do. */
export async function recover(_env: Env, _options: { onStep?: OnStep } = {}): Promise<Recovery> {
  throw new Error('not there yet');
}
