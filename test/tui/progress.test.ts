/** The progress of long work: a line on a terminal, nothing anywhere else. */
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openIndex } from '../../src/index/store.ts';
import { type Home, makeHome, samples, segue } from '../e2e/segue.ts';
import { openTerminal } from './terminal.ts';

/** Longer than work may take without being told about, and than a start takes. */
const HELD_MS = 4000;

test('segue index says how far it is, how fast, and how long it will take', async () => {
  const home = makeHome(samples);
  const terminal = await whileHeld(home, () => openTerminal(home, ['index']));
  expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  expect(terminal.written()).toMatch(
    /^\r\u001B\[Kindexing [█░]{20} \d+\/\d+ · [\d.]+ [KM]?B\/s · \d+ s left\r\u001B\[K/,
  );
  // nothing of the line is left
  expect(terminal.screen().join('\n').trim()).toMatch(/^\d+ sessions read$/);
});

test('segue index says nothing of it on a pipe', async () => {
  const home = makeHome(samples);
  const said = await whileHeld(home, () => segue(home, ['index']));
  expect(await said).toEqual({
    code: 0,
    signal: null,
    stderr: '',
    stdout: expect.stringMatching(/^\d+ sessions read\n$/),
  });
});

/** Starts something while another process is writing the index, so that it has to wait. */
async function whileHeld<T>(home: Home, begin: () => T): Promise<T> {
  const index = openIndex({ home: home.path, vars: {}, platform: process.platform });
  try {
    index.exec('BEGIN IMMEDIATE');
    const begun = begin();
    await setTimeout(HELD_MS);
    index.exec('COMMIT');
    return begun;
  } finally {
    index.close();
  }
}
