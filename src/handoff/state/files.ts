/** What happened to each file, as first state → last state. */
import { cutText } from '../../model/text.ts';
import type { PatchChange, ToolCall } from '../../model/tools.ts';
import { fileActions } from './shell.ts';
import type { EntryRef, FileState, NetEdit } from './types.ts';

const MAX_CONTENT = 64 * 1024;
const MAX_EDITS = 200;

export interface FileCollector {
  /** A call that succeeded. True when it took earlier changes back. */
  add(call: ToolCall, ref: EntryRef): boolean;
  result(): FileState[];
}

/**
 * Collects from write, edit and patch calls and from plain `rm`, `mv` and `git` commands. Later edits are folded into
 * earlier ones where they touch the same text. Paths are relative to `cwd` where they lie inside it.
 */
export function collectFiles(cwd: string | undefined): FileCollector {
  const files = new Map<string, FileState>();
  /** What `git restore` goes back to. */
  let committed = new Map<string, FileState>();

  const name = (path: string): string => {
    const plain = path.replace(/^\.\//, '');
    return cwd !== undefined && plain.startsWith(`${cwd}/`) ? plain.slice(cwd.length + 1) : plain;
  };

  const touch = (path: string, change: FileState['change'], ref: EntryRef): FileState => {
    const known = files.get(path);
    if (known === undefined) {
      const fresh: FileState = { path, change, edits: [], touches: 1, ref };
      files.set(path, fresh);
      return fresh;
    }
    known.touches++;
    known.ref = ref;
    return known;
  };

  const write = (path: string, content: string, ref: EntryRef, isNew: boolean): void => {
    const file = touch(path, isNew ? 'created' : 'changed', ref);
    if (file.change === 'deleted') file.change = 'changed';
    file.content = cutText(content, MAX_CONTENT);
    file.edits = [];
  };

  /** True when the edit took an earlier one back. */
  const edit = (path: string, oldText: string, newText: string, ref: EntryRef): boolean => {
    const file = touch(path, 'changed', ref);
    if (file.content !== undefined) {
      // a function as replacement: `$` in code must stay what it is
      file.content = oldText === '' ? file.content : file.content.replace(oldText, () => newText);
      return false;
    }
    const before = file.edits.length;
    foldEdit(file.edits, oldText, newText);
    const back = file.edits.length < before;
    if (file.edits.length > MAX_EDITS) file.edits.shift();
    return back;
  };

  const removeFolder = (path: string): void => {
    for (const [inside, file] of files)
      if (inside.startsWith(`${path}/`) && file.change === 'created') files.delete(inside);
  };

  const remove = (path: string, ref: EntryRef): void => {
    const known = files.get(path);
    // scratch files elsewhere are no part of the work
    if (known === undefined && path.startsWith('/')) return;
    if (known?.change === 'created') {
      files.delete(path); // made and removed again: no net change
      return;
    }
    const file = touch(path, 'deleted', ref);
    file.change = 'deleted';
    file.edits = [];
    delete file.content;
  };

  const move = (from: string, to: string, ref: EntryRef): void => {
    const known = files.get(from);
    if (known?.change === 'created') {
      files.delete(from);
      files.set(to, { ...known, path: to, ref });
      return;
    }
    const file = touch(from, 'moved', ref);
    file.change = 'moved';
    file.movedTo = to;
  };

  const restore = (path: string): boolean => {
    const before = committed.get(path);
    if (before === undefined) return files.delete(path);
    files.set(path, copyOf(before));
    return true;
  };

  const patch = (change: PatchChange, ref: EntryRef): boolean => {
    const path = name(change.path);
    if (change.change === 'add') write(path, change.content, ref, true);
    else if (change.change === 'delete') remove(path, ref);
    else {
      const side = (lines: string[], other: string): string =>
        lines
          .filter((line) => !line.startsWith(other))
          .map((line) => line.slice(1))
          .join('\n');
      const back = change.hunks.map(({ lines }) => edit(path, side(lines, '+'), side(lines, '-'), ref));
      if (change.moveTo !== undefined) move(path, name(change.moveTo), ref);
      return back.includes(true);
    }
    return false;
  };

  const run = (command: string, ref: EntryRef): boolean => {
    let undone = false;
    for (const step of fileActions(command)) {
      if (step.action === 'remove') remove(name(step.path), ref);
      else if (step.action === 'remove-folder') removeFolder(name(step.path));
      else if (step.action === 'move') move(name(step.from), name(step.to), ref);
      else if (step.action === 'commit')
        committed = new Map([...files].map(([path, file]) => [path, copyOf(file)]));
      else {
        const paths = step.path === undefined ? [...files.keys()] : [name(step.path)];
        for (const path of paths) undone = restore(path) || undone;
      }
    }
    return undone;
  };

  return {
    add(call, ref) {
      switch (call.tool) {
        case 'write': {
          const path = name(call.input.path);
          write(path, call.input.content, ref, !files.has(path));
          return false;
        }
        case 'edit': {
          const path = name(call.input.path);
          return call.input.edits.map((e) => edit(path, e.oldText, e.newText, ref)).includes(true);
        }
        case 'patch':
          return call.input.changes.map((change) => patch(change, ref)).includes(true);
        case 'execute':
          return run(call.input.command, ref);
        default:
          return false;
      }
    },
    result: () =>
      [...files.values()].filter(
        (file) => file.change !== 'changed' || file.content !== undefined || file.edits.length > 0,
      ),
  };
}

function copyOf(file: FileState): FileState {
  return { ...file, edits: file.edits.map((edit) => ({ ...edit })) };
}

/** Adds old → new to a list of net edits: an edit of earlier new text changes that entry; an edit back removes it. */
export function foldEdit(edits: NetEdit[], before: string, after: string): void {
  const index = before === '' ? -1 : edits.findLastIndex((edit) => edit.after.includes(before));
  const earlier = edits[index];
  if (earlier !== undefined) {
    earlier.after = earlier.after.replace(before, () => after);
    if (earlier.after === earlier.before) edits.splice(index, 1);
    return;
  }
  // an edit that swallows earlier ones: put their first state back into what it replaces
  let first = before;
  for (let i = edits.length - 1; i >= 0; i--) {
    const inner = edits[i];
    if (inner !== undefined && inner.after !== '' && first.includes(inner.after)) {
      first = first.replace(inner.after, () => inner.before);
      edits.splice(i, 1);
    }
  }
  if (first !== after) edits.push({ before: first, after });
}
