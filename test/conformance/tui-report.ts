/** The part of docs/conformance.md about interfaces. It stays as it is when a run did not look at them. */
import type { TuiCell } from './tui.ts';

const START = '<!-- interfaces -->';
const END = '<!-- /interfaces -->';

/** The section. Without cells: that of the document as it is, or none. */
export function interfaces(cells: readonly TuiCell[], date: string, document = ''): string[] {
  if (cells.length === 0) {
    const known = sectionOf(document);
    return known === undefined ? [] : [known, ''];
  }
  const sorted = cells.toSorted((a, b) => (a.target < b.target ? -1 : 1));
  return [
    START,
    '## In the agents’ own interfaces',
    'Started as people start them, `segue AGENT 1 --in AGENT` in a pseudo-terminal: the screen has to show the texts that the',
    'session ends with; a prompt is typed, and the model has to get it with the same conversation as above, and the answer has to come',
    `on the screen. Run on ${date}.`,
    '',
    '| agent | version | session of | lands in its interface, goes on | ends by its own keys |',
    '| --- | --- | --- | --- | --- |',
    ...sorted.map(row),
    END,
    '',
  ];
}

/** The document with a new section; what else it says stays. */
export function withInterfaces(document: string, cells: readonly TuiCell[], date: string): string {
  const section = interfaces(cells, date).join('\n').trimEnd();
  const known = sectionOf(document);
  return known === undefined
    ? `${document.trimEnd()}\n\n${section}\n`
    : document.replace(known, () => section);
}

function sectionOf(document: string): string | undefined {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  return start < 0 || end < start ? undefined : document.slice(start, end + END.length);
}

function row({ source, target, version, verdict, reason, ended, again }: TuiCell): string {
  const why =
    reason === undefined ? '' : `: ${reason.replace(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 300)}`;
  const told = `${verdict === 'pass' ? 'yes' : verdict}${again ? ' (second attempt)' : ''}${why}`;
  const left = ended === undefined ? '' : ended === 'left' ? 'yes' : 'no';
  return `| ${target} | ${version} | ${source} | ${told} | ${left} |`;
}
