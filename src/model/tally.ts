/** How many messages a session has, counted while its entries pass by. */
import type { Entry } from './session.ts';

export interface Counts {
  /** `user`: what a person said; `assistant`: answers of the model, however many entries each is stored in. */
  messages: { user: number; assistant: number };
  toolCalls: number;
}

export class Tally {
  readonly counts: Counts;
  /** The last message was the model's: what follows of it is the same answer. */
  answering: boolean;

  /** `before`: what to go on from. */
  constructor(before?: { counts: Counts; answering: boolean }) {
    this.counts = structuredClone(before?.counts) ?? { messages: { user: 0, assistant: 0 }, toolCalls: 0 };
    this.answering = before?.answering ?? false;
  }

  add(entry: Entry): void {
    if (entry.type !== 'message' || entry.role === 'system' || entry.origin === 'harness') return;
    if (entry.origin === 'human') this.counts.messages.user++;
    if (entry.role === 'assistant') {
      if (!this.answering) this.counts.messages.assistant++;
      for (const part of entry.parts) if (part.type === 'tool_call') this.counts.toolCalls++;
    }
    this.answering = entry.role === 'assistant';
  }
}
