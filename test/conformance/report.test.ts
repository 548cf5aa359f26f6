import { expect, test } from 'vitest';
import { markdown, proven, type Report } from './report.ts';
import type { Cell } from './target.ts';
import type { TuiCell } from './tui.ts';
import { withInterfaces } from './tui-report.ts';

const cell = (
  source: string,
  target: string,
  scenario: Cell['scenario'],
  verdict: Cell['verdict'],
  reason?: string,
): Cell => ({
  source,
  target,
  version: target === 'codex@0.98.0' ? '0.98.0' : '0.169.0',
  scenario,
  verdict,
  reason,
});

const report: Report = {
  cells: [
    cell('claude', 'codex', 'text', 'pass'),
    cell('claude', 'codex', 'image', 'not possible', 'no\nimages'),
    cell('claude', 'codex@0.98.0', 'text', 'pass'),
    cell('claude', 'codex@0.98.0', 'tool', 'fail', 'a | b'),
    cell('codex', 'codex', 'image', 'not possible', 'no\nimages'),
  ],
  excused: new Map([['codex', ['item-id']]]),
  absent: new Map([['pi', 'not there']]),
  tui: [],
  date: '2026-01-01',
  cores: 2,
  seconds: 1501,
};

test('the document shows each pair, and the reason of everything that is not a pass', () => {
  const lines = markdown(report).split('\n');
  expect(lines).toContain('Run on 2026-01-01 in 26 min on 2 cores: 2 passed, 1 failed, 2 not possible.');
  expect(lines).toContain('|  | codex | codex@0.98.0 |');
  expect(lines).toContain('| claude | 1/1 | ✗ 1/2 |');
  expect(lines).toContain('| codex | – |  |');
  expect(lines).toContain('- tool: a \\| b (claude → codex@0.98.0)');
  expect(lines).toContain('- image: no images (claude → codex, codex → codex)');
  expect(lines).toContain('- codex: `item-id`');
  expect(lines).toContain('- pi: not there');
});

test('only pairs without a failure are proven, with what passed', () => {
  expect(JSON.parse(proven(report))).toEqual({
    date: '2026-01-01',
    pairs: [{ source: 'claude', target: 'codex', targetVersion: '0.169.0', scenarios: ['text'] }],
  });
});

test('what interfaces showed is a table of its own, which stays when a run did not look at them', () => {
  const seen: TuiCell = {
    source: 'claude',
    target: 'codex',
    version: '0.169.0',
    verdict: 'pass',
    ended: 'left',
  };
  const unseen: TuiCell = {
    source: 'codex',
    target: 'claude',
    version: '2.1.330',
    verdict: 'fail',
    reason: 'a\n| b',
  };
  const first = markdown({ ...report, tui: [seen, unseen] });
  expect(first).toContain(
    '| claude | 2.1.330 | codex | fail: a \\| b |  |\n| codex | 0.169.0 | claude | yes | yes |\n',
  );
  expect(markdown(report, first)).toBe(first);
  expect(markdown(report)).not.toContain('interfaces');

  const again = withInterfaces(first, [{ ...seen, ended: 'killed', again: true }], '2026-02-02');
  expect(again).toContain('on the screen. Run on 2026-02-02.\n');
  expect(again).toContain(
    '| codex | 0.169.0 | claude | yes (second attempt) | no |\n<!-- /interfaces -->\n\n## Versions',
  );
  expect(again.split('\n')).toHaveLength(first.split('\n').length - 1);
  // a document without the section gets one
  expect(withInterfaces(markdown(report), [seen], '2026-01-01')).toContain(
    '| claude | yes | yes |\n<!-- /interfaces -->\n',
  );
});
