/** Which process something belongs to, told apart from a later process with the same number. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { crc32 } from 'node:zlib';
import { systemCode } from '../model/errors.ts';

/** How long a process that cannot be looked at from here is taken to be running. */
const UNSEEN_MS = 60 * 60_000;

/** Names this process: its number, when it started and where. Fit for a file name. */
export function ownerToken(): string {
  return [process.pid, startOf(process.pid) ?? 'unknown', whereabouts()].join('-');
}

/** Whether the process that a token names still runs. `ageMs`: when it was last seen at work. */
export function isOwnerAlive(token: string, ageMs: number): boolean {
  const [pidText = '', start, where] = token.split('-');
  // on another machine or in another container: its number means nothing here
  if (where !== whereabouts()) return ageMs < UNSEEN_MS;
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isRunning(pid)) return false;
  const now = startOf(pid);
  return now === undefined || start === 'unknown' || now === start;
}

/** Which processes can be seen from here: the machine, and on Linux the process namespace. */
function whereabouts(): string {
  let space = '';
  try {
    if (process.platform === 'linux') space = readlinkSync('/proc/self/ns/pid');
  } catch (error) {
    void systemCode(error); // without /proc: the machine's name must do
  }
  return crc32(`${hostname()} ${space}`).toString(36);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM'; // another user's
  }
}

/** When a process started, in the platform's own terms; undefined where that cannot be known. */
function startOf(pid: number): string | undefined {
  if (process.platform === 'win32') return undefined;
  if (process.platform !== 'linux') {
    const listing = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return listing.status === 0 ? crc32(listing.stdout.trim()).toString(36) : undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // field 22, counted after the name in parentheses, which may hold anything
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    void systemCode(error);
    return undefined;
  }
}
