/** Deterministic ids: the same seed and time give the same ids, so that a plan can be computed twice. */
import type { Timestamp } from './session.ts';

export interface Ids {
  uuid4(): string;
  uuid7(ms?: number): string;
  short(n: number): string;
}

/** Ids from a 32-byte random seed (crypto at the edge, fixed in tests). `nowMs` is the default time of `uuid7`. */
export function seededIds(seed: Uint8Array, nowMs: number): Ids {
  const next = sfc32(seed);
  const bytes = (n: number): number[] => Array.from({ length: n }, () => next() & 0xff);
  return {
    uuid4: () => formatUuid(bytes(16), 4),
    uuid7(ms = nowMs) {
      const b = bytes(16);
      for (let i = 0, rest = ms; i < 6; i++, rest = Math.floor(rest / 256)) b[5 - i] = rest % 256;
      return formatUuid(b, 7);
    },
    short: (n) =>
      bytes(n)
        .map((b) => 'abcdefghijklmnopqrstuvwxyz0123456789'.charAt(b % 36))
        .join(''),
  };
}

function formatUuid(b: number[], version: number): string {
  b[6] = ((b[6] ?? 0) & 0x0f) | (version << 4);
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80;
  const hex = b.map((x) => x.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Small Fast Counter (sfc32, public domain): enough for ids that only have to differ. */
function sfc32(seed: Uint8Array): () => number {
  const view = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
  let a = view.getUint32(0);
  let b = view.getUint32(4);
  let c = view.getUint32(8);
  let counter = 1;
  const step = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) step();
  return step;
}

/** Milliseconds of a timestamp, or `fallback`. */
export function timeMs(time: Timestamp | undefined, fallback: number): number {
  const ms = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isFinite(ms) ? ms : fallback;
}
