/** Session of any agent → a session that the target can hold whole. */
import type { Agent } from '../agents/contract.ts';
import type { Ids } from '../model/ids.ts';
import type { Session } from '../model/session.ts';
import type { FidelityReport } from './fidelity.ts';

export interface PrepareOptions {
  source: Agent;
  target: Agent;
  /** Directory at the target. */
  cwd: string;
  /** A fresh, equally seeded source of ids for each pass. */
  ids: () => Ids;
  reasoning?: 'omit' | 'text';
}

/** A prepared session; each complete pass over its entries leaves an outcome. */
export interface Prepared {
  session: Session;
  /** Of the latest complete pass; undefined before the first. */
  fidelity(): FidelityReport | undefined;
}

export function prepare(_session: Session, _options: PrepareOptions): Prepared {
  throw new Error('not there yet');
}
