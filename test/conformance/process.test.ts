import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { endAllWith } from './process.ts';

const environs = existsSync('/proc/self/environ');

test.skipIf(!environs)(
  `servers that were left behind are known by a variable${environs ? '' : ' (skipped: no environments in /proc)'}`,
  async () => {
    const start = (home: string) =>
      spawn('sleep', ['60'], {
        detached: true,
        stdio: 'ignore',
        env: { PATH: process.env.PATH, HOME: home },
      });
    const [left, other] = [start('/nowhere/left'), start('/nowhere/left-too')];
    try {
      await Promise.all([left, other].map((child) => new Promise((resolve) => child.once('spawn', resolve))));
      const ended = new Promise((resolve) => left.once('exit', (_code, signal) => resolve(signal)));
      endAllWith('HOME', '/nowhere/left');
      expect(await ended).toBe('SIGKILL');
      expect(other.exitCode ?? other.signalCode).toBeNull();
    } finally {
      other.kill();
    }
  },
);
