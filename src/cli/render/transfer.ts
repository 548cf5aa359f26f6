/** The outcome of a transfer as text: where it went, what was carried, how to go on. */
import type { Env } from '../../io/paths.ts';
import { stripControls } from '../../model/text.ts';
import type { Style } from '../../terminal/style.ts';
import { type FidelityReport, fidelityKinds, type TransferResult } from '../../transfer/index.ts';
import { shortPath, size } from '../format.ts';
import { table } from '../table.ts';

const names: Record<(typeof fidelityKinds)[number], string> = {
  messages: 'messages',
  toolCalls: 'tool calls',
  toolResults: 'tool results',
  reasoning: 'reasoning',
  images: 'images',
  files: 'files',
  compactions: 'compactions',
  plans: 'plans',
  events: 'events',
  subagents: 'subagents',
  branches: 'branches',
};

/** Lines for one transfer. */
export function transferLines(result: TransferResult, env: Env, style: Style): string[] {
  const { bold, dim, green } = style;
  const { source, target } = result;
  const done = result.dryRun ? 'would become' : green('became');
  return [
    `${bold(`${source.agent}:${stripControls(source.id)}`)} ${done} ${bold(`${target.agent}:${stripControls(target.id)}`)} ${dim(`(${size(result.bytes)})`)}`,
    ...target.paths.map(
      (path) => `  ${dim(result.dryRun ? 'would add to' : 'added to')} ${shortPath(path, env)}`,
    ),
    '',
    ...fidelityLines(result.fidelity, style),
    '',
    ...nextLines(result, style),
  ];
}

/** The fidelity report: a row for each kind of record that the source has, then the reasons. */
export function fidelityLines(report: FidelityReport, style: Style): string[] {
  const { yellow, dim } = style;
  const rows = fidelityKinds
    .filter((kind) => report[kind].source > 0)
    .map((kind) => {
      const { source, native, translated, text, omitted } = report[kind];
      return [
        names[kind],
        ...[source, native, translated, text, omitted].map((n) => (n === 0 ? '·' : String(n))),
      ];
    });
  const right = { align: 'right' as const };
  const columns = [
    { head: '' },
    { head: 'source', ...right },
    { head: 'native', ...right },
    { head: 'translated', ...right },
    { head: 'as text', ...right },
    { head: 'left out', ...right },
  ];
  return [
    ...table(columns, rows, undefined, style).map((line) => `  ${line}`),
    ...report.notes.map(
      (note) => `  ${yellow(`${note.count} ×`)} ${stripControls(note.detail)} ${dim(`[${note.code}]`)}`,
    ),
  ];
}

function nextLines({ resume, receipt, dryRun }: TransferResult, { bold, dim }: Style): string[] {
  const lines: string[] = [];
  if (resume !== undefined) lines.push(`  ${dim('go on:')}     ${bold(stripControls(resume.display))}`);
  if (receipt !== null) lines.push(`  ${dim('take back:')} segue undo ${receipt}`);
  if (dryRun) lines.push(`  ${dim('nothing was written')}`);
  return lines;
}
