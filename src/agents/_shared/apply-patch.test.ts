import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PatchChange, PatchHunk, PatchInput, Replacement } from '../../model/tools.ts';
import { editHunks, formatPatch, parsePatch, patchInCommand } from './apply-patch.ts';
import { hunkReplacement } from './patch-steps.ts';

const text = `*** Begin Patch
*** Add File: notes.md
+hello
+
*** Delete File: old.txt
*** Update File: src/a.ts
*** Move to: src/b.ts
@@ class A
@@ run()
 keep
-one
+two

@@
+last
*** End of File
*** End Patch`;

const patch: PatchInput = {
  changes: [
    { change: 'add', path: 'notes.md', content: 'hello\n\n' },
    { change: 'delete', path: 'old.txt' },
    {
      change: 'update',
      path: 'src/a.ts',
      moveTo: 'src/b.ts',
      hunks: [{ context: 'class A\nrun()', lines: [' keep', '-one', '+two', ' '] }, { lines: ['+last'] }],
    },
  ],
};

test('every kind of change is read', () => {
  expect(parsePatch(text)).toEqual(patch);
  expect(parsePatch(`  ${text}\n\n`)).toEqual(patch);
  expect(parsePatch(`<<'EOF'\n${text}\nEOF`)).toEqual(patch);
  expect(parsePatch(text.replaceAll('\n', '\r\n'))).toEqual(patch);
});

test('a first hunk needs no marker', () => {
  expect(parsePatch('*** Begin Patch\n*** Update File: a\n one\n-two\n*** End Patch')).toEqual({
    changes: [{ change: 'update', path: 'a', hunks: [{ lines: [' one', '-two'] }] }],
  });
});

test.each([
  ['nothing', ''],
  ['no end', '*** Begin Patch\n*** Add File: a\n+x'],
  ['no changes', '*** Begin Patch\n*** End Patch'],
  ['no header', '*** Begin Patch\nhello\n*** End Patch'],
  ['an update without hunks', '*** Begin Patch\n*** Update File: a\n*** End Patch'],
  ['an empty hunk', '*** Begin Patch\n*** Update File: a\n@@\n*** End Patch'],
  ['a line without a sign', '*** Begin Patch\n*** Update File: a\n@@\n+a\nb\n*** End Patch'],
  ['an unsigned line in a new file', '*** Begin Patch\n*** Add File: a\nb\n*** End Patch'],
])('%s is not a patch', (_name, bad) => {
  expect(parsePatch(bad)).toBeUndefined();
});

test.each<[string, PatchChange]>([
  ['a file without a last newline', { change: 'add', path: 'a', content: 'x' }],
  ['carriage returns', { change: 'add', path: 'a', content: 'x\r\n' }],
  ['a newline in a name', { change: 'delete', path: 'a\nb' }],
  ['an update that does nothing', { change: 'update', path: 'a', hunks: [] }],
  ['a line without a sign', { change: 'update', path: 'a', hunks: [{ lines: ['x'] }] }],
])('%s has no text form', (_name, change) => {
  expect(formatPatch({ changes: [change] })).toBeUndefined();
});

test('what can be formatted is read back the same', () => {
  const name = fc.stringMatching(/^[\w.-]+(\/[\w. -]*[\w.-])*$/);
  const body = fc.stringMatching(/^[^\r\n]*$/);
  const hunk: fc.Arbitrary<PatchHunk> = fc.record(
    {
      context: fc.stringMatching(/^\S[^\r\n]*$/),
      lines: fc.array(
        fc.tuple(fc.constantFrom(' ', '-', '+'), body).map(([sign, line]) => sign + line),
        { minLength: 1 },
      ),
    },
    { requiredKeys: ['lines'] },
  );
  const change: fc.Arbitrary<PatchChange> = fc.oneof(
    fc.record({
      change: fc.constant('add' as const),
      path: name,
      content: fc.array(body, { minLength: 1 }).map((lines) => `${lines.join('\n')}\n`),
    }),
    fc.record({ change: fc.constant('delete' as const), path: name }),
    fc.record(
      {
        change: fc.constant('update' as const),
        path: name,
        moveTo: name,
        hunks: fc.array(hunk, { minLength: 1 }),
      },
      { requiredKeys: ['change', 'path', 'hunks'] },
    ),
  );
  fc.assert(
    fc.property(fc.array(change, { minLength: 1 }), (changes) => {
      const formatted = formatPatch({ changes });
      expect(formatted).toBeDefined();
      expect(parsePatch(formatted ?? '')).toEqual({ changes });
    }),
  );
});

test('an edit becomes whole lines and comes back', () => {
  expect(editHunks([{ oldText: 'a\nb\nc', newText: 'a\nx\ny\nc' }])).toEqual([
    { lines: [' a', '-b', '+x', '+y', ' c'] },
  ]);
  const edit = fc.record({ oldText: fc.string(), newText: fc.string() });
  const lines = fc
    .array(fc.constantFrom('a', 'b', '  c', ''), { minLength: 1 })
    .map((parts) => parts.join('\n'));
  fc.assert(
    fc.property(fc.oneof(edit, fc.record({ oldText: lines, newText: lines })), (replacement: Replacement) => {
      const hunks = editHunks([replacement]);
      if (hunks !== undefined) expect(hunks.map(hunkReplacement)).toEqual([replacement]);
    }),
  );
});

test.each<[string, Replacement]>([
  ['every occurrence', { oldText: 'a', newText: 'b', replaceAll: true }],
  ['an insertion', { oldText: '', newText: 'b' }],
  ['a removal', { oldText: 'a', newText: '' }],
  ['a line break at the end', { oldText: 'a\n', newText: 'b\n' }],
  ['nothing', { oldText: 'a', newText: 'a' }],
])('%s is not told in whole lines', (_name, edit) => {
  expect(editHunks([edit])).toBeUndefined();
});

test('patch commands are recognised, other commands are not', () => {
  expect(patchInCommand(`apply_patch <<'EOF'\n${text}\nEOF\n`)).toEqual({ text });
  expect(patchInCommand(`cd sub && apply_patch << "P"\n${text}\nP`)).toEqual({ text, cwd: 'sub' });
  expect(patchInCommand(`apply_patch <<'EOF'\n${text}\nEOF\necho done`)).toBeUndefined();
  expect(patchInCommand(`apply_patch <<'EOF'\n${text}\nEOF\necho x <<'EOF'\nEOF`)).toBeUndefined();
  expect(patchInCommand(`cd $HOME && apply_patch <<'EOF'\n${text}\nEOF`)).toBeUndefined();
  expect(patchInCommand('apply_patch patch.txt')).toBeUndefined();
});
