/** WorkState → pieces that compete for the budget. What is worth how much is decided here and nowhere else. */
import { structuredPatch } from 'diff';
import { oneLine } from '../model/text.ts';
import type { Level, Piece } from './fit.ts';
import { type HandoffOptions, samplesFor } from './options.ts';
import type { FileState, Quote, Statement, WorkState } from './state/types.ts';

/** Sections in the order of the document. */
export const sections = [
  'Goal',
  'Changes to the request',
  'Constraints and preferences',
  'Plan',
  'Where it stopped',
  'Unresolved errors',
  'Open questions to the person',
  'Decisions',
  'Tried without success',
  'Files changed',
  'Commands and their last outcome',
  'Subagent results',
  'Earlier summaries',
  'Tool activity',
] as const;

type Section = (typeof sections)[number];

/** Everything that could be said, with what it is worth; the n-th best of a section is worth less than the first. */
export function pieces(state: WorkState, options: HandoffOptions): Piece[] {
  return diminish(allPieces(state, options));
}

function diminish(all: Piece[]): Piece[] {
  const ranks = new Map<string, number>();
  return [...all]
    .sort((a, b) => (b.levels[0]?.value ?? 0) - (a.levels[0]?.value ?? 0))
    .map((piece) => {
      const rank = ranks.get(piece.section) ?? 0;
      ranks.set(piece.section, rank + 1);
      const factor = 1 / (1 + rank * 0.05);
      return { ...piece, levels: piece.levels.map((level) => ({ ...level, value: level.value * factor })) };
    });
}

function allPieces(state: WorkState, options: HandoffOptions): Piece[] {
  return [
    ...goalPieces(state),
    ...requestPieces(state),
    ...statementPieces('Constraints and preferences', state.constraints, [0, 14, 24, 44], state.entries),
    ...planPieces(state, options),
    ...tailPieces(state, options),
    ...errorPieces(state, options),
    ...state.questions.map((quote, i) => piece('Open questions to the person', i, [bullet(quote, 46)])),
    ...statementPieces('Decisions', state.decisions, [0, 5, 14, 30], state.entries),
    ...statementPieces('Tried without success', state.failedApproaches, [0, 5, 15, 32], state.entries),
    ...state.files.map((file, i) => filePiece(file, i, options)),
    ...commandPieces(state, options),
    ...subagentPieces(state, options),
    ...state.summaries.map((quote, i) =>
      piece('Earlier summaries', i, [
        quoted(quote, 12, 600),
        quoted(quote, 6, 4000),
        quoted(quote, 3, 20_000),
      ]),
    ),
    ...activityPieces(state, options),
  ];
}

function piece(section: Section, order: number, levels: Level[]): Piece {
  // a level that says no more than the one before is dropped
  return { section, order, levels: levels.filter((level, i) => level.text !== levels[i - 1]?.text) };
}

function bullet(quote: Quote, value: number, max = 600): Level {
  return { text: `- ${oneLine(quote.text, max)} [#${quote.ref}]`, value };
}

/** Several lines of the session, each marked as quoted so that none can pass for the document's own. */
function quoted(quote: Quote, value: number, max: number): Level {
  const text = quote.text.length > max ? `${quote.text.slice(0, max)}…` : quote.text;
  return {
    text: `[#${quote.ref}]\n${text
      .split('\n')
      .map((line) => `> ${line}`)
      .join('\n')}`,
    value,
  };
}

function goalPieces(state: WorkState): Piece[] {
  if (state.goal === undefined) return [];
  return [
    piece('Goal', 0, [
      quoted(state.goal, 400, 400),
      quoted(state.goal, 60, 1500),
      quoted(state.goal, 30, 6000),
    ]),
  ];
}

function requestPieces(state: WorkState): Piece[] {
  const last = state.requests.length - 1;
  return state.requests.map((request, i) => {
    const recency = (i + 1) / (last + 1);
    const base = (request.changes ? 30 : 14) + 14 * recency;
    return piece('Changes to the request', i, [
      bullet(request, base, 240),
      bullet(request, base / 2, 900),
      quoted(request, 4, 6000),
    ]);
  });
}

function statementPieces(
  section: Section,
  statements: Statement[],
  values: [number, number, number, number],
  entries: number,
): Piece[] {
  return statements.map((statement, i) => {
    const recency = 0.85 + 0.3 * (statement.ref / Math.max(entries, 1));
    return piece(section, i, [
      bullet(statement, values[statement.strength] * recency * lengthBonus(statement.text)),
    ]);
  });
}

/** A long sentence costs more but also says more: without this, value per token favours the shortest. */
function lengthBonus(text: string): number {
  return Math.sqrt(Math.max(text.length, 40) / 80);
}

const marks = { pending: '[ ]', in_progress: '[~]', completed: '[x]', cancelled: '[-]' } as const;

function planPieces(state: WorkState, options: HandoffOptions): Piece[] {
  const { plan } = state;
  if (plan === undefined) return [];
  const isOpen = (status: string): boolean => status === 'pending' || status === 'in_progress';
  const open = plan.items.filter((item) => isOpen(item.status)).slice(0, options.pendingTasks.maxTasks);
  const items = plan.items.filter((item) => !isOpen(item.status) || open.includes(item));
  return items.map((item, i) => {
    const open = isOpen(item.status);
    return piece('Plan', i, [
      {
        text: `- ${marks[item.status]} ${oneLine(item.text, 400)}${i === 0 ? ` [#${plan.ref}]` : ''}`,
        value: open ? 40 : 20,
      },
    ]);
  });
}

function tailPieces(state: WorkState, options: HandoffOptions): Piece[] {
  const found: Piece[] = state.interrupted.map((quote, i) =>
    piece('Where it stopped', 1_000_000 + i, [
      { text: `- Interrupted, no result: ${oneLine(quote.text, 600)} [#${quote.ref}]`, value: 70 },
    ]),
  );
  if (state.limit !== undefined) {
    const reset = state.limit.resetsAt === undefined ? '' : ` (resets ${state.limit.resetsAt})`;
    found.push(
      piece('Where it stopped', 2_000_000, [
        { text: `- Stopped by a limit: ${state.limit.text}${reset} [#${state.limit.ref}]`, value: 30 },
      ]),
    );
  }
  const recent = state.tail.slice(-options.recentMessages);
  const first = state.tail[0];
  if (first !== undefined && !recent.includes(first)) recent.unshift(first);
  const lastText = recent.findLastIndex((item) => item.who === 'assistant');
  recent.forEach((item, i) => {
    const recency = (i + 1) / recent.length;
    const quote = { text: item.text, ref: item.ref };
    const max = options.maxMessageChars;
    if (item.who === 'person') {
      // the goal and the requests hold it already when there is but one prompt
      if (item.ref !== state.goal?.ref)
        found.push(
          piece('Where it stopped', i, [said('Person', quote, 60, 500), said('Person', quote, 20, max)]),
        );
    } else if (item.who === 'assistant') {
      const value = i === lastText ? 70 : 10 + 8 * recency;
      found.push(
        piece('Where it stopped', i, [
          said('Assistant', quote, value, 500),
          said('Assistant', quote, value / 3, max),
        ]),
      );
    } else {
      const label = item.who === 'call' ? 'Call' : 'Result';
      found.push(
        piece('Where it stopped', i, [
          { text: `- ${label}: ${oneLine(item.text, 300)} [#${item.ref}]`, value: 3 + 9 * recency },
        ]),
      );
    }
  });
  return found;
}

function said(who: string, quote: Quote, value: number, max: number): Level {
  return { text: `- ${who} ${quoted(quote, value, max).text}`, value };
}

function errorPieces(state: WorkState, options: HandoffOptions): Piece[] {
  return state.errors.map((error, i) => {
    const lines = error.message.split('\n').slice(0, options.shell.stderrLines);
    const recency = 0.8 + 0.4 * (error.ref / Math.max(state.entries, 1));
    const full = lines.map((line) => `\n  > ${line}`).join('');
    return piece('Unresolved errors', i, [
      { text: `- ${error.what} [#${error.ref}]\n  > ${oneLine(lines[0] ?? '', 300)}`, value: 56 * recency },
      { text: `- ${error.what} [#${error.ref}]${full}`, value: 22 * recency },
    ]);
  });
}

function filePiece(file: FileState, order: number, options: HandoffOptions): Piece {
  const moved = file.movedTo === undefined ? '' : ` → ${file.movedTo}`;
  const head = `- ${file.change} ${file.path}${moved}${file.touches > 1 ? ` (${file.touches} edits)` : ''} [#${file.ref}]`;
  const diff = netDiff(file);
  const most = file.change === 'created' ? options.write.diffLines : options.edit.diffLines;
  const short = diff.slice(0, Math.min(8, most));
  const long = diff.slice(0, most);
  return piece('Files changed', order, [
    { text: oneLine(head, 400), value: 24 },
    { text: withDiff(head, short, diff.length), value: 14 },
    { text: withDiff(head, long, diff.length), value: 6 },
  ]);
}

function withDiff(head: string, shown: string[], all: number): string {
  const more = all > shown.length ? `\n  … ${all - shown.length} more lines` : '';
  return `${oneLine(head, 400)}${shown.map((line) => `\n  ${line}`).join('')}${more}`;
}

/** First state → last state, changed lines only. */
export function netDiff(file: FileState): string[] {
  if (file.content !== undefined && file.change === 'created')
    return file.content.split('\n').map((line) => `+${clip(line)}`);
  const edits = file.content === undefined ? file.edits : [{ before: '', after: file.content }];
  const lines: string[] = [];
  for (const edit of edits) {
    const patch = structuredPatch('', '', edit.before, edit.after, undefined, undefined, {
      context: 0,
      maxEditLength: 2000,
    });
    if (patch === undefined) {
      lines.push(
        ...edit.before.split('\n').map((line) => `-${clip(line)}`),
        ...edit.after.split('\n').map((line) => `+${clip(line)}`),
      );
      continue;
    }
    for (const hunk of patch.hunks)
      lines.push(...hunk.lines.filter((line) => !line.startsWith('\\')).map(clip));
  }
  return lines;
}

function clip(line: string): string {
  return line.length > 240 ? `${line.slice(0, 240)}…` : line;
}

function commandPieces(state: WorkState, options: HandoffOptions): Piece[] {
  const worth = { verify: 26, change: 11, other: 7, look: 1 } as const;
  const total = state.commands.length;
  return state.commands.map((command, i) => {
    const recency = 0.5 + (0.8 * (i + 1)) / total;
    const failed = command.status !== 'ok';
    const value = worth[command.purpose] * recency + (failed && command.purpose !== 'look' ? 6 : 0);
    const runs =
      command.runs > 1
        ? ` (×${command.runs}${command.failures > 0 ? `, ${command.failures} failed` : ''})`
        : '';
    const outcome = command.exitCode === undefined ? command.status : `exit ${command.exitCode}`;
    const head = `- \`${command.command.replaceAll('`', "'")}\`${runs} → ${outcome} [#${command.ref}]`;
    const last = command.tellingLines.slice(
      -Math.min(failed ? options.shell.stderrLines : options.shell.stdoutLines, 3),
    );
    return piece('Commands and their last outcome', i, [
      { text: oneLine(head, 420), value },
      {
        text: `${oneLine(head, 420)}${last.map((line) => `\n  > ${line}`).join('')}`,
        value: command.purpose === 'verify' ? 9 : 1.5,
      },
    ]);
  });
}

function subagentPieces(state: WorkState, options: HandoffOptions): Piece[] {
  if (!options.task.includeSubagentResults) return [];
  const most = options.task.subagentResultChars;
  return state.subagents.map((subagent, i) =>
    piece('Subagent results', i, [
      {
        text: `- ${oneLine(subagent.task, 160)}: ${oneLine(subagent.result, Math.min(280, most))} [#${subagent.ref}]`,
        value: 24,
      },
      {
        text: `- ${oneLine(subagent.task, 160)}: ${oneLine(subagent.result, most)} [#${subagent.ref}]`,
        value: 8,
      },
    ]),
  );
}

function activityPieces(state: WorkState, options: HandoffOptions): Piece[] {
  return state.activity.map((tool, i) => {
    const head = `- ${oneLine(tool.name, 60)} (×${tool.calls}${tool.failures > 0 ? `, ${tool.failures} failed` : ''})`;
    const shown = (n: number): string =>
      `${head}: ${tool.samples
        .slice(0, n)
        .map((s) => `${oneLine(s.text, 120)} → ${s.outcome} [#${s.ref}]`)
        .join('; ')}`;
    return piece('Tool activity', i, [
      { text: head, value: 3 },
      { text: shown(1), value: 2 },
      { text: shown(samplesFor(tool.tool, options)), value: 2 },
    ]);
  });
}
