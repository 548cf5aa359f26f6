/** Handoff: a session as a document under an exact token budget. */
export { type Delivery, deliver } from './deliver.ts';
export { type Handoff, makeHandoff, type Redactor } from './document.ts';
export { type HandoffOptions, handoffReading, MIN_BUDGET, type Preset, presets } from './options.ts';
export { redactText } from './redact/redact.ts';
export { type Cut, cutToFit, estimateSession } from './shorten.ts';
export { extractWorkState } from './state/extract.ts';
export type * from './state/types.ts';
export { estimateTokens, loadTokenCounter, type TokenCounter } from './tokens.ts';
