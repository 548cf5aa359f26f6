/** Ids and signatures in the formats of the APIs. Signatures can be told from forged ones without any state. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const ALNUM = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function alnum(n: number): string {
  return [...randomBytes(n)].map((b) => ALNUM.charAt(b % ALNUM.length)).join('');
}

export function hex(n: number): string {
  return randomBytes(Math.ceil(n / 2))
    .toString('hex')
    .slice(0, n);
}

/** Who seals: a seal of one service is not valid at another. */
export type Vendor = 'anthropic' | 'openai' | 'google';

/** An opaque value that only this endpoint can have issued for `vendor`: base64 of nonce and MAC. */
export function seal(vendor: Vendor): string {
  const nonce = randomBytes(48);
  return Buffer.concat([nonce, mac(vendor, nonce)]).toString('base64');
}

/** Whether `value` was issued by `seal(vendor)`, in this process or another. */
export function isSealed(vendor: Vendor, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== 80 || bytes.toString('base64') !== value) return false;
  return timingSafeEqual(bytes.subarray(48), mac(vendor, bytes.subarray(0, 48)));
}

function mac(vendor: Vendor, nonce: Uint8Array): Buffer {
  return createHmac('sha256', `conformance endpoint, ${vendor}`).update(nonce).digest();
}
