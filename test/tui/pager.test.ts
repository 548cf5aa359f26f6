/** Long output on a terminal: through a pager when it does not fit, and never otherwise. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addProgram, type Home, makeHome, samples, segue } from '../e2e/segue.ts';
import { openTerminal } from './terminal.ts';

/** Says that it runs, with what it was given. */
const STAND_IN = '#!/bin/sh\necho "PAGER $* [$LESS]"\nexec cat\n';

function home(): Home {
  const made = makeHome(samples);
  addProgram(made, 'mypager', STAND_IN);
  return made;
}

async function shown(place: Home, words: string[], vars: Record<string, string>): Promise<string> {
  const terminal = openTerminal(place, words, { columns: 120, rows: 20, vars });
  expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  return terminal.written().replaceAll('\r', '');
}

test('only what does not fit the screen, on a terminal, for people', async () => {
  const place = home();
  const vars = { PAGER: 'mypager -a b', NO_COLOR: '1' };
  const direct = (await segue(place, ['show', 'claude:1'])).stdout;
  // ages are told in words that may change meanwhile
  const steady = (text: string): string => text.replace(/\(\S+ ago\)/g, '(ago)');
  const long = await shown(place, ['show', 'claude:1'], vars);
  expect(steady(long)).toBe(`PAGER -a b [FRX]\n${steady(direct)}`);
  expect(await shown(place, ['show', 'claude:1'], { ...vars, LESS: '-S' })).toMatch(/^PAGER -a b \[-S\]\n/);
  expect(await shown(place, ['show', 'claude:1'], { ...vars, SEGUE_PAGER: 'mypager own' })).toMatch(
    /^PAGER own/,
  );
  expect(await shown(place, ['--help'], vars)).toMatch(/^PAGER[^\n]*\nsegue \d/);
  expect(await shown(place, ['resume', '--help'], vars)).toMatch(/^PAGER[^\n]*\nsegue resume: /);
  for (const words of [
    ['list'],
    ['show', 'claude:1', '--no-pager'],
    ['--no-pager', '--help'],
    ['show', 'claude:1', '--json'],
    ['rebuild', '--help'],
  ])
    expect(await shown(place, words, vars), words.join(' ')).not.toMatch(/^PAGER/m);
  expect((await segue(place, ['show', 'claude:1'], { vars })).stdout).not.toMatch(/^PAGER/m);
  for (const PAGER of ['', 'cat', 'not-there'])
    expect(steady(await shown(place, ['show', 'claude:1'], { PAGER, NO_COLOR: '1' }))).toBe(steady(direct));
});

test('messages wait until the pager is left; a failure is told and keeps its exit code', async () => {
  const place = home();
  const vars = { PAGER: 'mypager', NO_COLOR: '1' };
  const text = await shown(place, ['handoff', 'claude:1'], vars);
  expect(text).toMatch(/^PAGER[\s\S]*\n\d+ of 6000 tokens \(o200k\)\n$/);
  const failed = openTerminal(place, ['show', 'nothing-like-it'], { vars });
  expect(await failed.ended).toMatchObject({ exitCode: 3 });
  expect(failed.screen().join('\n')).toContain('segue: no session');
});

test.skipIf(!existsSync('/usr/bin/less'))(
  `less: shown page by page, left early, and Ctrl-C is for less${existsSync('/usr/bin/less') ? '' : ' (skipped: less is not installed)'}`,
  async () => {
    const terminal = openTerminal(home(), ['show', 'claude:1'], {
      columns: 80,
      rows: 12,
      vars: { NO_COLOR: '1' },
    });
    await terminal.until(/^claude:1b03ca69[\s\S]*\n:$/);
    terminal.keys('\u0003');
    // less throws away what was typed before it noticed the interrupt, which may take a while: to the top and a page on, again
    const pressing = setInterval(() => terminal.keys('g '), 500);
    await terminal.until(/^#1 user/m).finally(() => clearInterval(pressing));
    terminal.keys('q');
    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  },
);

test('help breaks its lines between words, at the width of the terminal', async () => {
  const place = home();
  const narrow = await shown(place, ['--no-pager', '--help'], { NO_COLOR: '1' });
  for (const columns of [60, 80]) {
    const terminal = openTerminal(place, ['resume', '--help', '--no-pager'], {
      columns,
      rows: 90,
      vars: { NO_COLOR: '1' },
    });
    await terminal.ended;
    const lines = terminal.written().replaceAll('\r', '').split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines.join(' ').replace(/\s+/g, ' ')).toContain(
      'With --in the session is written into the store of that agent first',
    );
  }
  expect(narrow).toContain('\n  show REF  ');
});
