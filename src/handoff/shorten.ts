/** Where to cut a long session so that it fits a context, and the handoff that stands for the part before the cut. */
import type { CompactionEntry, Entry, Session } from '../model/session.ts';
import { makeHandoff, type Redactor } from './document.ts';
import { type HandoffOptions, presets } from './options.ts';
import { quickTokens, type TokenCounter } from './tokens.ts';

/** Estimates differ from what a model counts by up to this share; the cut leaves that much room. */
const RESERVE = 0.2;
/** An image costs about this much in every vendor's model. */
const IMAGE_TOKENS = 1500;

/** Tokens that a model has to read to go on with a session, estimated: after the last readable cut of its history. */
export function estimateSession(session: Session): number {
  let total = 0;
  for (const entry of session.entries()) {
    if (entry.type === 'compaction' && entry.summary !== '') total = quickTokens(entry.summary);
    else total += estimateEntry(entry);
  }
  return total;
}

/** Tokens of one entry as a model reads it, estimated. */
export function estimateEntry(entry: Entry): number {
  if (entry.type !== 'message' || entry.origin === 'harness') return 0;
  let total = 4;
  for (const part of entry.parts) {
    if (part.type === 'text') total += quickTokens(part.text);
    else if (part.type === 'tool_call') total += 8 + quickTokens(JSON.stringify(part.native.input));
    else if (part.type === 'tool_result') {
      for (const content of part.content)
        total += content.type === 'text' ? quickTokens(content.text) : IMAGE_TOKENS;
    } else if (part.type === 'image') total += IMAGE_TOKENS;
    else if (part.type === 'file') total += quickTokens(part.text ?? '');
  }
  return total;
}

/** A cut: the entries before ordinal `before` (from 0) are told by `summary`. */
export interface Cut {
  before: number;
  summary: CompactionEntry;
  /** Tokens before and after, estimated. */
  tokens: { before: number; after: number };
}

/**
 * Finds the cut that keeps as much of the recent part as fits into `limit` tokens together with a handoff of the rest;
 * undefined when everything fits. It prefers the start of a person's turn and never splits a call from its result.
 */
export function cutToFit(
  session: Session,
  limit: number,
  count: TokenCounter,
  redact: Redactor,
): Cut | undefined {
  const room = limit * (1 - RESERVE);
  const { costs, places } = measure(session);
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  if (total <= room) return undefined;
  const budget = Math.max(Math.min(Math.floor(room * 0.15), 16_000), 1500);
  const before = findPlace(costs, places, room - budget);
  const options: HandoffOptions = { ...presets.verbose, budget };
  const old = firstEntries(session, before);
  const { text, tokens } = makeHandoff(old, options, count, redact);
  const rest = costs.slice(before).reduce((sum, cost) => sum + cost, 0);
  const summary: CompactionEntry = {
    type: 'compaction',
    id: `fit-${before}`,
    parentId: null,
    evidence: [],
    summary: text,
    keeps: [],
  };
  return { before, summary, tokens: { before: total, after: rest + tokens } };
}

type Place = 'turn' | 'safe' | 'inside';

/** Cost of each entry, and whether the history may be cut before it. */
function measure(session: Session): { costs: number[]; places: Place[] } {
  const costs: number[] = [];
  const places: Place[] = [];
  const open = new Set<string>();
  for (const entry of session.entries()) {
    const human = entry.type === 'message' && entry.origin === 'human';
    places.push(open.size > 0 ? 'inside' : human ? 'turn' : 'safe');
    if (entry.type === 'compaction' && entry.summary !== '') {
      // what stands before it is not in the model's view any more
      costs.fill(0);
      costs.push(quickTokens(entry.summary));
      continue;
    }
    costs.push(estimateEntry(entry));
    if (entry.type !== 'message') continue;
    // a person speaking ends whatever was open: such calls never got a result
    if (human) open.clear();
    for (const part of entry.parts) {
      if (part.type === 'tool_call') open.add(part.callId);
      else if (part.type === 'tool_result') open.delete(part.callId);
    }
  }
  return { costs, places };
}

/** The earliest place from which the rest fits: a turn's start if that keeps at least half of what could be kept. */
function findPlace(costs: number[], places: Place[], room: number): number {
  let sum = 0;
  let turn: number | undefined;
  let turnSum = 0;
  let safe: number | undefined;
  for (let i = costs.length - 1; i >= 0; i--) {
    sum += costs[i] ?? 0;
    if (sum > room) break;
    if (places[i] === 'turn') {
      turn = i;
      turnSum = sum;
    }
    if (places[i] !== 'inside') safe = i;
  }
  if (turn !== undefined && turnSum >= room / 2) return turn;
  return safe ?? turn ?? costs.length;
}

function firstEntries(session: Session, count: number): Session {
  return {
    ...session,
    *entries() {
      let left = count;
      for (const entry of session.entries()) {
        if (left-- <= 0) return;
        yield entry;
      }
    },
  };
}
