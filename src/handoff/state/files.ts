/** What happened to each file, as first state → last state. */
import type { PatchChange, ToolCall } from '../../model/tools.ts';
import type { EntryRef, FileState, NetEdit } from './types.ts';

const MAX_CONTENT = 64 * 1024;
const MAX_EDITS = 200;

export interface FileCollector {
  /** A call that succeeded (or whose outcome is unknown). */
  add(call: ToolCall, ref: EntryRef): void;
  result(): FileState[];
}

/** Collects from write, edit and patch calls. Later edits are folded into earlier ones where they touch the same text. */
export function collectFiles(): FileCollector {
  const files = new Map<string, FileState>();

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
    file.content = content.length > MAX_CONTENT ? content.slice(0, MAX_CONTENT) : content;
    file.edits = [];
  };

  const edit = (path: string, oldText: string, newText: string, ref: EntryRef): void => {
    const file = touch(path, 'changed', ref);
    if (file.content !== undefined) {
      // a function as replacement: `$` in code must stay what it is
      file.content = oldText === '' ? file.content : file.content.replace(oldText, () => newText);
      return;
    }
    foldEdit(file.edits, oldText, newText);
    if (file.edits.length > MAX_EDITS) file.edits.shift();
  };

  const remove = (path: string, ref: EntryRef): void => {
    const known = files.get(path);
    if (known?.change === 'created') {
      files.delete(path); // made and removed again: no net change
      return;
    }
    const file = touch(path, 'deleted', ref);
    file.change = 'deleted';
    file.edits = [];
    delete file.content;
  };

  const patch = (change: PatchChange, ref: EntryRef): void => {
    if (change.change === 'add') write(change.path, change.content, ref, true);
    else if (change.change === 'delete') remove(change.path, ref);
    else {
      for (const hunk of change.hunks) {
        const before = hunk.lines
          .filter((line) => !line.startsWith('+'))
          .map((line) => line.slice(1))
          .join('\n');
        const after = hunk.lines
          .filter((line) => !line.startsWith('-'))
          .map((line) => line.slice(1))
          .join('\n');
        edit(change.path, before, after, ref);
      }
      if (change.moveTo !== undefined) {
        const file = touch(change.path, 'moved', ref);
        file.change = 'moved';
        file.movedTo = change.moveTo;
      }
    }
  };

  return {
    add(call, ref) {
      if (call.tool === 'write') write(call.input.path, call.input.content, ref, !files.has(call.input.path));
      else if (call.tool === 'edit')
        for (const e of call.input.edits) edit(call.input.path, e.oldText, e.newText, ref);
      else if (call.tool === 'patch') for (const change of call.input.changes) patch(change, ref);
    },
    result: () =>
      [...files.values()].filter(
        (file) => file.change !== 'changed' || file.content !== undefined || file.edits.length > 0,
      ),
  };
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
