/** What logs that grow in tests are made of. */

export const ID = '01a2043e-a679-7852-a3d7-9b3318c8293f';

export const CWD = '/home/dev/app';

/** A log of one agent: how it begins, and records that may follow. */
export interface Log {
  /** Below the home folder. */
  path: string;
  /** The first record. */
  begin: object;
  /** What most sessions are made of, by its name in `records`; default: COMMON. */
  common?: string[];
  /** Records by what they do, each given its number in the file; the first record has number 2. */
  records: Record<string, (n: number) => object>;
}

export const COMMON = ['prompt', 'answer', 'call', 'result'];

export const time = (n: number): string => new Date(Date.UTC(2026, 9, 1) + n * 60e3).toISOString();
