/** JSON on standard output: the versioned envelopes. */

/**
 * JSON text that is safe in any terminal and line reader: what `JSON.stringify` leaves raw but a terminal would act on
 * (DEL, C1 controls, bidirectional overrides) and line separators are escaped; the value stays the same.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
