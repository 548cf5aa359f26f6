/** A patch over several files as single-file calls, for agents that have no patch tool. */
import type { PatchChange, PatchHunk, PatchInput, Replacement, ToolCall } from '../../model/tools.ts';

/** The canonical calls that have the effect of a patch, in its order: writes, edits, and shell commands to delete or move. */
export function patchSteps(patch: PatchInput): ToolCall[] {
  return patch.changes.flatMap(changeSteps);
}

function changeSteps(change: PatchChange): ToolCall[] {
  if (change.change === 'add')
    return [{ tool: 'write', input: { path: change.path, content: change.content } }];
  if (change.change === 'delete')
    return [{ tool: 'execute', input: { command: `rm -- ${shellWord(change.path)}` } }];
  const steps: ToolCall[] = [];
  if (change.hunks.length > 0)
    steps.push({ tool: 'edit', input: { path: change.path, edits: change.hunks.map(hunkReplacement) } });
  if (change.moveTo !== undefined) {
    const command = `mv -- ${shellWord(change.path)} ${shellWord(change.moveTo)}`;
    steps.push({ tool: 'execute', input: { command } });
  }
  return steps;
}

/**
 * A hunk as text before and text after. Lines that are only added come after the named context line, where there is
 * one; else the text before is empty.
 */
export function hunkReplacement(hunk: PatchHunk): Replacement {
  const side = (other: string): string =>
    hunk.lines
      .filter((line) => !line.startsWith(other))
      .map((line) => line.slice(1))
      .join('\n');
  const added = hunk.lines.every((line) => line.startsWith('+'));
  if (added && hunk.context) {
    return { oldText: hunk.context, newText: `${hunk.context}\n${side('-')}` };
  }
  return { oldText: side('+'), newText: side('-') };
}

/** A command that runs in a directory, for shell tools without a directory parameter. */
export function commandIn(cwd: string | undefined, command: string): string {
  return cwd === undefined ? command : `cd ${shellWord(cwd)} && ${command}`;
}

/** One word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
