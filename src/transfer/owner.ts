/** Which process something belongs to, told apart from a later process with the same number. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { systemCode } from '../model/errors.ts';

/** Names this process: its number and when it started. Fit for a file name. */
export function ownerToken(): string {
  return `${process.pid}-${startOf(process.pid) ?? 'unknown'}`;
}

/** Whether the process that a token names still runs. */
export function isOwnerAlive(token: string): boolean {
  const [pidText = '', start] = token.split('-');
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isRunning(pid)) return false;
  const now = startOf(pid);
  return now === undefined || start === 'unknown' || now === start;
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
