/**
 * The comparable form of a session: one line for each part that a model would see, independent of how an agent groups
 * parts into records. Two sessions that yield the same lines say the same thing.
 */
import type { Entry, JsonValue, Part } from './session.ts';

export interface CompareOptions {
  /** Compare tool calls as stored (`native`) or by meaning (`canonical`). */
  tools: 'native' | 'canonical';
  /** Include reasoning; default true. */
  reasoning?: boolean;
}

/** Yields comparable lines. Harness messages, events and plans kept beside the conversation are not part of it. */
export function* comparable(
  entries: Iterable<Entry>,
  options: CompareOptions,
): Generator<string, void, void> {
  for (const line of comparableValues(entries, options)) yield JSON.stringify(line);
}

/** The same as values: what the line is, and in the end its text. */
export function* comparableValues(
  entries: Iterable<Entry>,
  options: CompareOptions,
): Generator<JsonValue[], void, void> {
  const ordinals = new Map<string, number>();
  for (const entry of entries) {
    if (entry.type === 'compaction' && entry.summary !== '') yield ['compaction', entry.summary];
    if (entry.type !== 'message' || entry.origin === 'harness') continue;
    for (const part of entry.parts) {
      const line = comparablePart(part, ordinals, options);
      if (line !== undefined) yield [entry.role, ...line];
    }
  }
}

function comparablePart(
  part: Part,
  ordinals: Map<string, number>,
  options: CompareOptions,
): JsonValue[] | undefined {
  switch (part.type) {
    case 'text':
      return ['text', part.text];
    case 'reasoning':
      return options.reasoning === false ? undefined : ['reasoning', part.text];
    case 'image':
      return ['image', part.mediaType, part.data ?? part.path ?? ''];
    case 'file':
      return ['file', part.path ?? part.name ?? '', part.text ?? ''];
    case 'tool_call': {
      const ordinal = ordinals.size;
      ordinals.set(part.callId, ordinal);
      return options.tools === 'native'
        ? ['call', ordinal, part.native.name, stable(part.native.input)]
        : ['call', ordinal, part.tool, stable(part.input)];
    }
    case 'tool_result':
      return [
        'result',
        ordinals.get(part.callId) ?? -1,
        part.status,
        part.exitCode ?? null,
        part.content
          .map((c) => (c.type === 'text' ? c.text : `[image ${c.mediaType} ${c.data ?? c.path ?? ''}]`))
          .join('\n'),
      ];
  }
}

/** JSON text with sorted keys and without undefined members: equal values give equal text. */
export function stable(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  const keys = Object.keys(members).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(members[key])]));
}
