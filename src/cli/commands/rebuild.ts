/** `segue rebuild` */
import { removeIndex } from '../../index/store.ts';
import type { Invocation } from '../invocation.ts';
import { run as index } from './index.ts';

export async function run(invocation: Invocation): Promise<number> {
  removeIndex(invocation.env);
  return await index(invocation);
}
