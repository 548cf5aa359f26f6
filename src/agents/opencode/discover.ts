/** Every OpenCode session. */
import { discover as discoverFamily } from '../_shared/opencode-discover.ts';
import type { DiscoverResult, ReadContext } from '../contract.ts';
import { family } from './family.ts';

export function discover(context: ReadContext): DiscoverResult {
  return discoverFamily(family, context);
}
