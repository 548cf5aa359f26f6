/** Sessions that no model run makes: very long ones, and ones with every odd character. Built from an agent's own call. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Entry, Part, Session, ToolCallPart, ToolResultPart } from '../../src/model/session.ts';

/** A call of the agent's shell tool and its result, as its reader gave them. */
export interface Template {
  call: ToolCallPart;
  result: ToolResultPart;
}

/** The first successful shell call of a session. */
export function findTemplate(entries: Iterable<Entry>): Template | undefined {
  const calls = new Map<string, ToolCallPart>();
  for (const entry of entries) {
    if (entry.type !== 'message') continue;
    for (const part of entry.parts) {
      if (part.type === 'tool_call' && part.tool === 'execute') calls.set(part.callId, part);
      const call = part.type === 'tool_result' ? calls.get(part.callId) : undefined;
      if (part.type === 'tool_result' && call !== undefined && part.status === 'ok')
        return { call, result: part };
    }
  }
  return undefined;
}

/** What a built session is about; `built` holds the long part, then the odd one. */
export type Built = 'long' | 'odd' | 'built' | 'image';

/** `image`: base64 of a PNG. */
export function builtSession(kind: Built, base: Session, template: Template, image: string): Session {
  return built(base, kind, (message) => {
    if (kind === 'image') imagePart(message, image);
    if (kind === 'long' || kind === 'built') longPart(message, template);
    if (kind === 'odd' || kind === 'built') oddPart(message, template);
  });
}

function imagePart(message: Add, data: string): void {
  const image: Part = { type: 'image', mediaType: 'image/png', data };
  message('user', { type: 'text', text: 'What is in this picture?' }, image);
  message('assistant', { type: 'text', text: 'A pattern.' });
}

/** Whether a text is the first of the odd part. */
export function startsOdd(text: string): boolean {
  return text.startsWith('Odd prompt: ');
}

/** 2,000 messages; each fifth turn has a tool call, each tenth two at once. */
function longPart(message: Add, template: Template): void {
  let count = 0;
  for (let turn = 1; count < 2000; turn++) {
    message('user', { type: 'text', text: `Question ${turn}: what about todo ${turn * 7}?` });
    count += 2;
    if (turn % 5 === 0) {
      const ids = [`call_${turn}`, ...(turn % 10 === 0 ? [`call_${turn}_too`] : [])];
      const calls = ids.map((callId) => ({ ...template.call, callId }));
      message('assistant', { type: 'text', text: `Looking up ${turn}.` }, ...calls);
      message('tool', ...ids.map((callId) => ({ ...template.result, callId })));
      count += 2;
    }
    message('assistant', {
      type: 'text',
      text: `Answer ${turn}: it is done. ${'word '.repeat(turn % 9)}end.`,
    });
  }
}

/** Stands for a lone surrogate until `plantSurrogates` has put one into the files. */
const SURROGATE_MARK = 'LONE[surrogate]';

const ODD =
  'emoji 😀 👩‍👩‍👧, astral 𝒳, separators [\u2028] [\u2029] [\u0085], controls [\u0001] [\u0007] [\u001b[31m] [\u007f], ' +
  'mark [\ufeff], direction [\u202e]x[\u202c], quotes " \' ` \\ \\n, tags <b> </b> &amp; $x $(y) `z`, tab \t, line\nline\r\nline';

const BIG = 3 * 1024 * 1024;

/** Odd characters in every kind of text, and a line of 3 MB. */
function oddPart(message: Add, template: Template): void {
  const line = `HEAD ${'abcdefghijklmnopqrstuvwxyz012345 '.repeat(BIG / 32)}`.slice(0, BIG);
  const printing = withCommand(template.call, `printf %s '${ODD.replaceAll("'", '’')}'`);
  message('user', { type: 'text', text: `Odd prompt: ${ODD}` });
  message('assistant', { type: 'text', text: `Odd answer: ${ODD}` });
  message('user', { type: 'text', text: `Half a character: ${SURROGATE_MARK} end` });
  message('assistant', { type: 'text', text: 'Printing it.' }, { ...printing, callId: 'call_odd_1' });
  message('tool', {
    ...template.result,
    callId: 'call_odd_1',
    content: [{ type: 'text', text: `Odd result: ${ODD} end` }],
  });
  message(
    'assistant',
    { type: 'text', text: 'Now the big one.' },
    { ...template.call, callId: 'call_odd_2' },
  );
  message('tool', {
    ...template.result,
    callId: 'call_odd_2',
    content: [{ type: 'text', text: `${line} TAIL` }],
  });
  message('assistant', { type: 'text', text: 'That was a long line.' });
}

/** A shell call with another command, in its canonical and its native form. */
function withCommand(call: ToolCallPart, command: string): ToolCallPart {
  if (call.tool !== 'execute') return call;
  const inside = (text: string): string => JSON.stringify(text).slice(1, -1);
  const native = JSON.stringify(call.native).replaceAll(inside(call.input.command), () => inside(command));
  return { ...call, input: { ...call.input, command }, native: JSON.parse(native) as ToolCallPart['native'] };
}

type Add = (role: 'user' | 'assistant' | 'tool', ...parts: Part[]) => void;

function built(base: Session, name: string, fill: (message: Add) => void): Session {
  const entries: Entry[] = [];
  const start = Date.now() - 3_600_000;
  fill((role, ...parts) => {
    const n = entries.length;
    entries.push({
      type: 'message',
      id: `${name}-${n}`,
      parentId: entries.at(-1)?.id ?? null,
      time: new Date(start + n * 1000).toISOString(),
      evidence: [],
      role: role === 'assistant' ? 'assistant' : 'user',
      origin: role === 'user' ? 'human' : 'agent',
      model: role === 'assistant' ? base.info.models[0] : undefined,
      parts,
    });
  });
  return {
    info: { ...base.info, id: `${base.info.id}-${name}`, title: `A session for ${name}`, lineage: [] },
    entries: () => entries,
    branches: [],
    subagents: [],
    diagnostics: [],
  };
}

/** Puts lone surrogates (as JSON escapes) into the text files of a session. Returns how many; none in databases. */
export function plantSurrogates(paths: string[]): number {
  let planted = 0;
  for (const path of paths) {
    // an import command may have moved it
    if (!existsSync(path)) continue;
    const bytes = readFileSync(path);
    if (bytes.subarray(0, 16).toString('latin1').startsWith('SQLite format')) continue;
    const parts = bytes.toString('latin1').split(SURROGATE_MARK);
    if (parts.length === 1) continue;
    planted += parts.length - 1;
    writeFileSync(path, Buffer.from(parts.join('\\ud83d'), 'latin1'));
  }
  return planted;
}
