/** WorkState → pieces that compete for the budget. What is worth how much is decided here and nowhere else. */
import { structuredPatch } from 'diff';
import { oneLine } from '../model/text.ts';
import type { Level, Piece } from './fit.ts';
import { type Draft, pieceOf } from './levels.ts';
import { type HandoffOptions, samplesFor } from './options.ts';
import type { FileState, Quote, Statement, TailItem, WorkState } from './state/types.ts';

/** Characters of the agent's last message that are shown first. */
const LAST_WORDS = 900;

/** Sections in the order of the document. */
export const sections = [
  'Goal',
  'Changes to the request',
  'Constraints and preferences',
  'Plan',
  'Where it stopped',
  'Unresolved errors',
  'Open questions to the person',
  'Answers of the person',
  'Decisions and findings',
  'Tried without success',
  'Files changed',
  'Commands and their last outcome',
  'Subagent results',
  'Earlier summaries',
  'Further remarks of the agent',
  'Tool activity',
] as const;

type Section = (typeof sections)[number];

/**
 * Everything that could be said, with what it is worth; the n-th best of a section is worth less than the first.
 * `safe` is applied to what a piece says.
 */
export function pieces(state: WorkState, options: HandoffOptions, safe: (text: string) => string): Piece[] {
  const ranks = new Map<string, number>();
  return drafts(state, options)
    .sort((a, b) => b.first.value - a.first.value)
    .map((draft) => {
      const rank = ranks.get(draft.section) ?? 0;
      ranks.set(draft.section, rank + 1);
      const factor = 1 / (1 + rank * 0.03);
      return pieceOf(draft, ({ text, value }) => ({ text: safe(text), value: value * factor }));
    });
}

/**
 * Worth of one token of each kind of text. Pieces compete by value per token, so this is the order in which a document
 * fills up; recency, strength and rank move a piece inside its range.
 */
const worth = {
  goal: 100,
  goalRest: 3,
  question: 9,
  interrupted: 9,
  lastWords: 8,
  error: 7,
  errorMore: 1.5,
  limit: 6,
  answer: 6.5,
  rule: [0, 2, 3.6, 5],
  change: 5,
  request: 1.2,
  planOpen: 5,
  planDone: 3.5,
  decision: [0, 0.8, 2.8, 4.2],
  failed: [0, 0.8, 3, 4.4],
  file: 5,
  diff: 2.6,
  diffMore: 0.4,
  command: { verify: 5, change: 3.6, other: 2, look: 0.05 },
  commandOutput: 0.4,
  subagent: 3.4,
  subagentMore: 0.8,
  tail: 0.9,
  summary: 0.9,
  remark: 0.6,
  activity: 0.3,
} as const;

/** Value of a text at a worth per token. Very short texts say little, whatever they are. */
function level(text: string, perToken: number): Level {
  return { text, value: (perToken * Math.max(text.length, 24)) / 4 };
}

function drafts(state: WorkState, options: HandoffOptions): Draft[] {
  return [
    ...goalPieces(state),
    ...requestPieces(state),
    ...statementPieces('Constraints and preferences', state.constraints, worth.rule, state.entries),
    ...planPieces(state, options),
    ...tailPieces(state, options),
    ...errorPieces(state, options),
    ...questionPieces(state),
    ...answerPieces(state),
    ...statementPieces('Decisions and findings', state.decisions, worth.decision, state.entries),
    ...statementPieces('Tried without success', state.failedApproaches, worth.failed, state.entries),
    ...state.files.map((file, i) => filePiece(file, i, options)),
    ...commandPieces(state, options),
    ...subagentPieces(state, options),
    ...summaryPieces(state, options),
    ...remarkPieces(state),
    ...activityPieces(state, options),
  ];
}

function piece(section: Section, order: number, first: Level, ...longer: (() => Level)[]): Draft {
  return { section, order, first, longer };
}

function bullet(quote: Quote, perToken: number, max = 600): Level {
  return level(`- ${oneLine(quote.text, max)} [#${quote.ref}]`, perToken);
}

/** Several lines of the session, each marked as quoted so that none can pass for the document's own. */
function quoted(quote: Quote, perToken: number, max: number): Level {
  const text = quote.text.length > max ? `${quote.text.slice(0, max)}…` : quote.text;
  return level(
    `[#${quote.ref}]\n${text
      .split('\n')
      .map((line) => `> ${line}`)
      .join('\n')}`,
    perToken,
  );
}

function goalPieces(state: WorkState): Draft[] {
  const { goal } = state;
  if (goal === undefined) return [];
  return [
    piece(
      'Goal',
      0,
      quoted(goal, worth.goal, 600),
      () => quoted(goal, worth.goalRest, 1500),
      () => quoted(goal, worth.goalRest / 2, 6000),
    ),
  ];
}

function requestPieces(state: WorkState): Draft[] {
  return state.requests.map((request, i) => {
    const recency = 0.7 + (0.6 * (i + 1)) / state.requests.length;
    const perToken = (request.changes ? worth.change : worth.request) * recency;
    return piece(
      'Changes to the request',
      i,
      bullet(request, perToken, 320),
      () => bullet(request, perToken / 2, 900),
      () => quoted(request, 0.5, 6000),
    );
  });
}

/** Questions that the last words, shown in full, do not hold already. */
function questionPieces(state: WorkState): Draft[] {
  const last = state.tail.findLast((item) => item.who === 'assistant');
  const shown = last?.text.slice(0, LAST_WORDS) ?? '';
  return state.questions
    .filter((quote) => quote.ref !== last?.ref || !shown.includes(quote.text))
    .map((quote, i) => piece('Open questions to the person', i, bullet(quote, worth.question)));
}

function answerPieces(state: WorkState): Draft[] {
  return state.answers.map((answer, i) => {
    const reply = `the person: ${oneLine(answer.text, 300)} [#${answer.ref}]`;
    const text = `- Asked: ${oneLine(answer.question, 100)} — ${reply}`;
    return piece('Answers of the person', i, level(text, worth.answer));
  });
}

function statementPieces(
  section: Section,
  statements: Statement[],
  perToken: readonly number[],
  entries: number,
): Draft[] {
  return statements.map((statement, i) => {
    const recency = 0.9 + 0.2 * (statement.ref / Math.max(entries, 1));
    return piece(section, i, bullet(statement, (perToken[statement.strength] ?? 0) * recency));
  });
}

const marks = { pending: '[ ]', in_progress: '[~]', completed: '[x]', cancelled: '[-]' } as const;

function planPieces(state: WorkState, options: HandoffOptions): Draft[] {
  const { plan } = state;
  if (plan === undefined) return [];
  const isOpen = (status: string): boolean => status === 'pending' || status === 'in_progress';
  const open = plan.items.filter((item) => isOpen(item.status)).slice(0, options.pendingTasks.maxTasks);
  const items = plan.items.filter((item) => !isOpen(item.status) || open.includes(item));
  return items.map((item, i) =>
    piece(
      'Plan',
      i,
      level(
        `- ${marks[item.status]} ${oneLine(item.text, 400)}${i === 0 ? ` [#${plan.ref}]` : ''}`,
        isOpen(item.status) ? worth.planOpen : worth.planDone,
      ),
    ),
  );
}

function tailPieces(state: WorkState, options: HandoffOptions): Draft[] {
  const found: Draft[] = state.interrupted.map((quote, i) =>
    piece(
      'Where it stopped',
      1_000_000 + i,
      level(`- Interrupted, no result: ${oneLine(quote.text, 600)} [#${quote.ref}]`, worth.interrupted),
    ),
  );
  if (state.limit !== undefined) {
    const reset = state.limit.resetsAt === undefined ? '' : ` (resets ${state.limit.resetsAt})`;
    found.push(
      piece(
        'Where it stopped',
        2_000_000,
        level(`- Stopped by a limit: ${state.limit.text}${reset} [#${state.limit.ref}]`, worth.limit),
      ),
    );
  }
  // the last prompt stands above as goal, request, constraint or answer; interrupted calls have their own line
  const shown = state.tail.filter((item) => item.who !== 'person' && !isInterrupted(item, state));
  const recent = shown.slice(-options.recentMessages);
  const lastText = recent.findLastIndex((item) => item.who === 'assistant');
  recent.forEach((item, i) => {
    const perToken = i === lastText ? worth.lastWords : worth.tail * ((i + 1) / recent.length);
    if (item.who === 'assistant') {
      const quote = { text: item.text, ref: item.ref };
      found.push(
        piece('Where it stopped', i, said(quote, perToken, i === lastText ? LAST_WORDS : 500), () =>
          said(quote, perToken / 4, options.maxMessageChars),
        ),
      );
      return;
    }
    const head = `- ${oneLine(item.text, 300)} → ${item.outcome?.label ?? 'no result'} [#${item.ref}]`;
    const lines = (item.outcome?.lines ?? []).map((line) => `\n  > ${line}`).join('');
    const whole = (): Level => level(`${head}${lines}`, perToken / 3);
    found.push(piece('Where it stopped', i, level(head, perToken), whole));
  });
  return found;
}

function isInterrupted(item: TailItem, state: WorkState): boolean {
  return (
    item.who === 'call' && item.outcome === undefined && state.interrupted.some(({ ref }) => ref === item.ref)
  );
}

function said(quote: Quote, perToken: number, max: number): Level {
  const { text, value } = quoted(quote, perToken, max);
  return { text: `- Assistant ${text}`, value };
}

function errorPieces(state: WorkState, options: HandoffOptions): Draft[] {
  return state.errors.map((error, i) => {
    const lines = error.message.split('\n').slice(0, options.shell.stderrLines);
    const recency = 0.5 + 0.7 * (error.ref / Math.max(state.entries, 1));
    const head = `- ${error.what} [#${error.ref}]`;
    const shown = (own: string[]): string => `${head}${own.map((line) => `\n  > ${line}`).join('')}`;
    return piece('Unresolved errors', i, level(shown(lines.slice(0, 3)), worth.error * recency), () =>
      level(shown(lines), worth.errorMore * recency),
    );
  });
}

function filePiece(file: FileState, order: number, options: HandoffOptions): Draft {
  const moved = file.movedTo === undefined ? '' : ` → ${file.movedTo}`;
  const head = oneLine(
    `- ${file.change} ${file.path}${moved}${file.touches > 1 ? ` (${file.touches} edits)` : ''} [#${file.ref}]`,
    400,
  );
  let known: string[] | undefined;
  const diff = (): string[] => {
    known ??= netDiff(file);
    return known;
  };
  const created = file.change === 'created';
  // of a new file, lines without words say nothing at a glance
  const telling = (): string[] => (created ? diff().filter((line) => /\w{3}/.test(line)) : diff());
  const most = created ? options.write.diffLines : options.edit.diffLines;
  return piece(
    'Files changed',
    order,
    level(head, worth.file),
    () => level(withDiff(head, telling().slice(0, 2), diff().length), worth.diff),
    () => level(withDiff(head, telling().slice(0, Math.min(8, most)), diff().length), worth.diffMore),
    () => level(withDiff(head, diff().slice(0, most), diff().length), worth.diffMore / 2),
  );
}

function withDiff(head: string, shown: string[], all: number): string {
  const more = all > shown.length ? `\n  … ${all - shown.length} more lines` : '';
  return `${head}${shown.map((line) => `\n  ${line}`).join('')}${more}`;
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

function commandPieces(state: WorkState, options: HandoffOptions): Draft[] {
  const total = state.commands.length;
  return state.commands.map((command, i) => {
    const recency = 0.6 + (0.6 * (i + 1)) / total;
    const failed = command.status !== 'ok';
    // what is run again and again, whatever it is called, checks the work
    const purpose = command.purpose === 'other' && command.runs > 2 ? 'verify' : command.purpose;
    const perToken = worth.command[purpose] * recency * (command.superseded ? 0.1 : 1);
    const runs =
      command.runs > 1
        ? ` (×${command.runs}${command.failures > 0 ? `, ${command.failures} failed` : ''})`
        : '';
    const outcome = command.exitCode === undefined ? command.status : `exit ${command.exitCode}`;
    const head = oneLine(
      `- \`${command.command.replaceAll('`', "'")}\`${runs} → ${outcome} [#${command.ref}]`,
      420,
    );
    const shown = command.tellingLines.slice(
      0,
      failed ? options.shell.stderrLines : options.shell.stdoutLines,
    );
    return piece('Commands and their last outcome', i, level(head, perToken), () =>
      level(`${head}${shown.map((line) => `\n  > ${line}`).join('')}`, worth.commandOutput),
    );
  });
}

function subagentPieces(state: WorkState, options: HandoffOptions): Draft[] {
  if (!options.task.includeSubagentResults) return [];
  const most = options.task.subagentResultChars;
  return state.subagents.map((subagent, i) => {
    const shown = (chars: number): string =>
      `- ${oneLine(subagent.task, 160)} [#${subagent.ref}]\n  > ${bothEnds(subagent.result, chars)}`;
    return piece('Subagent results', i, level(shown(Math.min(360, most)), worth.subagent), () =>
      level(shown(most), worth.subagentMore),
    );
  });
}

function summaryPieces(state: WorkState, options: HandoffOptions): Draft[] {
  const most = options.compactSummary.maxChars;
  return state.summaries.map((quote, i) =>
    piece(
      'Earlier summaries',
      i,
      quoted(quote, worth.summary, Math.min(600, most)),
      () => quoted(quote, worth.summary / 2, Math.min(4000, most)),
      () => quoted(quote, worth.summary / 4, most),
    ),
  );
}

/** The prose of a report in one line. Of a long one the start and, mostly, the end: reports conclude at either. */
function bothEnds(report: string, most: number): string {
  const prose = report.replace(/(?:^[ \t]*(?:\|.*|#.*|[-=*_]{3,}\s*)\n?)+/gm, ' […] ');
  const line = oneLine(/\p{L}/u.test(prose) ? prose : report, 20_000).replace(/(?:\[…\] ){2,}/g, '[…] ');
  if (line.length <= most) return line;
  const start = Math.floor(most / 3);
  return `${line.slice(0, start)} […] ${line.slice(start - most)}`.toWellFormed();
}

/** Sentences that no reading fits; the last words have their own place. */
function remarkPieces(state: WorkState): Draft[] {
  const last = state.tail.findLast((item) => item.who === 'assistant')?.ref;
  return state.remarks
    .filter((quote) => quote.ref !== last)
    .map((quote, i) => {
      const recency = 0.8 + 0.4 * (quote.ref / Math.max(state.entries, 1));
      return piece('Further remarks of the agent', i, bullet(quote, worth.remark * recency));
    });
}

function activityPieces(state: WorkState, options: HandoffOptions): Draft[] {
  return state.activity.map((tool, i) => {
    const head = `- ${oneLine(tool.name, 60)} (×${tool.calls}${tool.failures > 0 ? `, ${tool.failures} failed` : ''})`;
    const shown = (n: number): string =>
      `${head}: ${tool.samples
        .slice(0, n)
        .map((s) => `${oneLine(s.text, 120)} → ${s.outcome} [#${s.ref}]`)
        .join('; ')}`;
    return piece(
      'Tool activity',
      i,
      level(head, worth.activity),
      () => level(shown(1), worth.activity),
      () => level(shown(samplesFor(tool.tool, options)), worth.activity),
    );
  });
}
