/** Reading a session's file once, where its agent can, for work that takes the entries as they come. */
import type { Agent, MarkedSession, ReadContext, ReadOptions, SessionRef } from './contract.ts';

/** Thrown by `entries()` of a session that is read in one pass: what follows may change what was given before. */
export class SecondPassNeeded extends Error {
  constructor() {
    super('the order of the records says no more which of them are the conversation');
    this.name = 'SecondPassNeeded';
  }
}

/**
 * What `use` makes of a session, whose entries it reads once, from the first to the last. It is called again from the
 * beginning when one pass was not enough, so all it makes has to be in what it returns. Throws what `read` and `use` throw.
 */
export function readInOnePass<T>(
  agent: Agent,
  ref: SessionRef,
  context: ReadContext,
  options: ReadOptions,
  use: (session: MarkedSession) => T,
): T {
  try {
    return use(agent.read(ref, context, { ...options, onePass: true }));
  } catch (error) {
    if (!(error instanceof SecondPassNeeded)) throw error;
    return use(agent.read(ref, context, options));
  }
}
