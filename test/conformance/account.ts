/**
 * An account of a conversation: what was said, called and answered, in order, without what harnesses added. One comes
 * from what an agent sent to the endpoint, one from segue's reader; targets are compared with both.
 */
import type { Agent } from '../../src/agents/contract.ts';
import type { Entry, ImagePart, JsonValue, ToolCallPart } from '../../src/model/session.ts';
import type { ToolCall } from '../../src/model/tools.ts';
import type { ModelRequest, Reply } from './endpoint/conversation.ts';
import { meaning } from './meaning.ts';
import type { Recipe } from './recipe.ts';

export interface Said {
  kind: 'said';
  role: 'user' | 'assistant';
  text: string;
}

export interface Called {
  kind: 'called';
  name: string;
  input: JsonValue;
  /** What the call does, one line for each thing; equal lines mean the same. */
  meaning: string[];
  /** The canonical call; in accounts of sessions. */
  call?: ToolCall;
  result?: Result;
}

export interface Result {
  text: string;
  failed: boolean;
  exitCode?: number;
}

export interface Shown {
  kind: 'shown';
  data: string;
  place: 'prompt' | 'result';
}

export interface Thought {
  kind: 'thought';
  text: string;
}

export type Piece = Said | Called | Shown | Thought;

/** What an agent's request (and the answer to it) says. System texts and the agent's own harness texts are left out. */
export function accountOfRequest(
  request: ModelRequest,
  recipe: Recipe,
  agent: Agent,
  cwd: string,
  reply?: Reply,
): Piece[] {
  const pieces: Piece[] = [];
  const calls = new Map<string, Called>();
  const say = (role: 'user' | 'assistant', text: string): void => {
    const rest = withoutHarness(recipe, text, role);
    if (rest !== '') pieces.push({ kind: 'said', role, text: rest });
  };
  const call = (name: string, input: JsonValue): Called => ({
    kind: 'called',
    name,
    input,
    meaning: meaning(agent.tools.read({ name, input }, cwd), cwd),
  });
  for (const item of request.items) {
    switch (item.kind) {
      case 'text':
        if (item.role !== 'system') say(item.role, item.text);
        break;
      case 'image':
        pieces.push({ kind: 'shown', data: item.data, place: 'prompt' });
        break;
      case 'reasoning':
        pieces.push({ kind: 'thought', text: item.text });
        break;
      case 'call': {
        const made = call(item.name, item.input);
        calls.set(item.id, made);
        pieces.push(made);
        break;
      }
      case 'result': {
        const made = calls.get(item.id);
        const text = recipe.resultText?.(item.text) ?? item.text;
        if (made !== undefined) made.result = { text, failed: item.error === true };
        for (const image of item.images) pieces.push({ kind: 'shown', data: image.data, place: 'result' });
        break;
      }
      case 'other':
        break;
    }
  }
  if (reply?.reasoning !== undefined) pieces.push({ kind: 'thought', text: reply.reasoning });
  if (reply?.text !== undefined) say('assistant', reply.text);
  for (const made of reply?.calls ?? []) pieces.push(call(made.name, made.input));
  return pieces;
}

const REMINDERS = /<system-reminder>[\s\S]*?<\/system-reminder>\s*/g;

export function withoutHarness(recipe: Recipe, text: string, role: 'user' | 'assistant'): string {
  if (recipe.withoutHarness !== undefined) return recipe.withoutHarness(text, role);
  return role === 'user' ? text.replace(REMINDERS, '') : text;
}

/** What segue's reader says of a session. */
export function accountOfSession(entries: Iterable<Entry>, cwd: string): Piece[] {
  const pieces: Piece[] = [];
  const calls = new Map<string, Called>();
  for (const entry of entries) {
    if (entry.type !== 'message' || entry.origin === 'harness' || entry.role === 'system') continue;
    for (const part of entry.parts) {
      switch (part.type) {
        case 'text':
          pieces.push({ kind: 'said', role: entry.role, text: part.text });
          break;
        case 'reasoning':
          pieces.push({ kind: 'thought', text: part.text });
          break;
        case 'image':
          pieces.push(shown(part, 'prompt'));
          break;
        case 'file':
          break;
        case 'tool_call': {
          const made = calledPart(part, cwd);
          calls.set(part.callId, made);
          pieces.push(made);
          break;
        }
        case 'tool_result': {
          const texts = part.content.flatMap((c) => (c.type === 'text' ? c.text : []));
          const made = calls.get(part.callId);
          if (made !== undefined)
            made.result = { text: texts.join('\n'), failed: part.status !== 'ok', exitCode: part.exitCode };
          for (const content of part.content)
            if (content.type === 'image') pieces.push(shown(content, 'result'));
          break;
        }
      }
    }
  }
  return pieces;
}

function shown(part: ImagePart, place: Shown['place']): Shown {
  return { kind: 'shown', data: part.data ?? part.path ?? '', place };
}

function calledPart(part: ToolCallPart, cwd: string): Called {
  return { kind: 'called', name: part.native.name, input: part.native.input, meaning: meaning(part, cwd) };
}
