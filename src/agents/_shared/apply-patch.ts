/**
 * The patch text of `apply_patch` (`*** Begin Patch` … `*** End Patch`) ⇄ canonical patches, and edits as such patches.
 * Grammar read in the source of Codex CLI; several agents took it over.
 */
import type { PatchChange, PatchHunk, PatchInput, Replacement } from '../../model/tools.ts';

const BEGIN = '*** Begin Patch';
const END = '*** End Patch';
const ADD = '*** Add File: ';
const DELETE = '*** Delete File: ';
const UPDATE = '*** Update File: ';
const MOVE = '*** Move to: ';
const END_OF_FILE = '*** End of File';

/**
 * Patch text → canonical patch; undefined when it is not a whole, well-formed patch. As lenient as Codex: blanks around
 * markers, a missing first `@@`, an empty line for an empty context line, a heredoc's own marks around the text.
 */
export function parsePatch(text: string): PatchInput | undefined {
  const lines = text.trim().split(/\r?\n/);
  if (/^<<\s*(['"]?)EOF\1$/.test(lines[0] ?? '') && lines.at(-1) === 'EOF') {
    lines.shift();
    lines.pop();
  }
  if (lines.length < 2 || lines[0]?.trim() !== BEGIN || lines.at(-1)?.trim() !== END) return undefined;
  const body = lines.slice(1, -1);
  const changes: PatchChange[] = [];
  let at = 0;
  while (at < body.length) {
    const header = (body[at] ?? '').trim();
    let end = at + 1;
    while (end < body.length && !isHeader(body[end] ?? '')) end++;
    const change = parseChange(header, body.slice(at + 1, end));
    if (change === undefined) return undefined;
    changes.push(change);
    at = end;
  }
  return changes.length === 0 ? undefined : { changes };
}

function isHeader(line: string): boolean {
  return line.startsWith(ADD) || line.startsWith(DELETE) || line.startsWith(UPDATE);
}

function parseChange(header: string, lines: string[]): PatchChange | undefined {
  if (header.startsWith(ADD)) {
    const content = lines.filter((line) => line !== '');
    if (!content.every((line) => line.startsWith('+'))) return undefined;
    const text = content.map((line) => `${line.slice(1)}\n`).join('');
    return { change: 'add', path: header.slice(ADD.length), content: text };
  }
  if (header.startsWith(DELETE)) {
    if (lines.some((line) => line.trim() !== '')) return undefined;
    return { change: 'delete', path: header.slice(DELETE.length) };
  }
  if (!header.startsWith(UPDATE)) return undefined;
  const moved = lines[0]?.startsWith(MOVE) === true;
  const hunks = parseHunks(moved ? lines.slice(1) : lines);
  if (hunks === undefined || (hunks.length === 0 && !moved)) return undefined;
  const update: PatchChange = { change: 'update', path: header.slice(UPDATE.length), hunks };
  return moved ? { ...update, moveTo: (lines[0] ?? '').slice(MOVE.length) } : update;
}

function parseHunks(lines: string[]): PatchHunk[] | undefined {
  const hunks: PatchHunk[] = [];
  let hunk: PatchHunk | undefined;
  const close = (): boolean => {
    if (hunk === undefined) return true;
    if (hunk.lines.length === 0) return false;
    hunks.push(hunk);
    hunk = undefined;
    return true;
  };
  for (const line of lines) {
    if (line === '@@' || line.startsWith('@@ ')) {
      const context = line.slice(3);
      // one context line after another narrows the place further: class, then method
      if (hunk?.lines.length === 0 && hunk.context !== undefined) {
        hunk.context += `\n${context}`;
        continue;
      }
      if (!close()) return undefined;
      hunk = context === '' ? { lines: [] } : { context, lines: [] };
    } else if (line === END_OF_FILE) {
      if (!close()) return undefined;
    } else if (line === '' || /^[ +-]/.test(line)) {
      if (hunk === undefined) {
        if (line.trim() === '') continue;
        if (hunks.length > 0) return undefined;
        hunk = { lines: [] };
      }
      hunk.lines.push(line === '' ? ' ' : line);
    } else {
      return undefined;
    }
  }
  return close() ? hunks : undefined;
}

/** Canonical patch → patch text; undefined when the text form cannot hold it (`parsePatch` gives the patch back). */
export function formatPatch(patch: PatchInput): string | undefined {
  const lines = [BEGIN];
  for (const change of patch.changes) {
    if (!isName(change.path)) return undefined;
    const body = formatChange(change);
    if (body === undefined) return undefined;
    lines.push(...body);
  }
  lines.push(END);
  return patch.changes.length === 0 ? undefined : lines.join('\n');
}

function formatChange(change: PatchChange): string[] | undefined {
  if (change.change === 'delete') return [`${DELETE}${change.path}`];
  if (change.change === 'add') {
    // every line of the text form ends in a newline, so a file that does not cannot be told
    if (!change.content.endsWith('\n') || change.content.includes('\r')) return undefined;
    const lines = change.content.slice(0, -1).split('\n');
    return [`${ADD}${change.path}`, ...lines.map((line) => `+${line}`)];
  }
  const lines = [`${UPDATE}${change.path}`];
  if (change.moveTo !== undefined) {
    if (!isName(change.moveTo)) return undefined;
    lines.push(`${MOVE}${change.moveTo}`);
  } else if (change.hunks.length === 0) return undefined;
  for (const hunk of change.hunks) {
    if (hunk.lines.length === 0 || !hunk.lines.every((line) => /^[ +-][^\r\n]*$/.test(line)))
      return undefined;
    const contexts = hunk.context?.split('\n') ?? [''];
    if (contexts.some((context) => context.includes('\r')) || hunk.context === '') return undefined;
    lines.push(...contexts.map((context) => (context === '' ? '@@' : `@@ ${context}`)), ...hunk.lines);
  }
  return lines;
}

function isName(path: string): boolean {
  return path !== '' && path.trim() === path && !/[\r\n]/.test(path);
}

/**
 * Replacements in one file → hunks, or undefined where whole lines cannot say the same: replacing every occurrence,
 * carriage returns, texts that start or end in the middle of line breaks, pure insertion or removal.
 * The file itself is not seen: a replacement inside a line is told as if it were the whole line.
 * `hunkReplacement` gives the same replacement back.
 */
export function editHunks(edits: Replacement[]): PatchHunk[] | undefined {
  const hunks: PatchHunk[] = [];
  for (const { oldText, newText, replaceAll } of edits) {
    if (replaceAll === true || oldText === newText || !isWholeLines(oldText) || !isWholeLines(newText))
      return undefined;
    hunks.push({ lines: lineDifference(oldText.split('\n'), newText.split('\n')) });
  }
  return hunks.length === 0 ? undefined : hunks;
}

function isWholeLines(text: string): boolean {
  return text !== '' && !text.startsWith('\n') && !text.endsWith('\n') && !text.includes('\r');
}

/** Lines that both sides start and end with become context. */
function lineDifference(before: string[], after: string[]): string[] {
  const shared = Math.min(before.length, after.length);
  let head = 0;
  while (head < shared && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shared - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return [
    ...before.slice(0, head).map((line) => ` ${line}`),
    ...before.slice(head, before.length - tail).map((line) => `-${line}`),
    ...after.slice(head, after.length - tail).map((line) => `+${line}`),
    ...before.slice(before.length - tail).map((line) => ` ${line}`),
  ];
}

/** The patch text in a shell command that does nothing but apply it: `[cd DIR &&] apply_patch <<'EOF'` … `EOF`. */
export function patchInCommand(command: string): { text: string; cwd?: string } | undefined {
  const head =
    /^\s*(?:cd\s+(?:'([^']+)'|"([^"$`\\]+)"|([^\s'"$`\\;&|]+))\s*&&\s*)?(?:apply_patch|applypatch)\s+<<-?\s*(['"]?)(\w+)\4[ \t]*\r?\n/.exec(
      command,
    );
  if (head === null) return undefined;
  const rest = command.slice(head[0].length).replace(/\s+$/, '');
  const end = `\n${head[5] ?? ''}`;
  if (!rest.endsWith(end)) return undefined;
  const text = rest.slice(0, -end.length);
  if (text.split('\n').includes(head[5] ?? '')) return undefined;
  const cwd = head[1] ?? head[2] ?? head[3];
  return cwd === undefined ? { text } : { text, cwd };
}
