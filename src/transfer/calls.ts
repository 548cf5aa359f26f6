/** Tool calls and their results in the target's own terms. */
import type { Acceptance, Agent } from '../agents/contract.ts';
import { stable } from '../model/compare.ts';
import type { Ids } from '../model/ids.ts';
import { isObject } from '../model/narrow.ts';
import type {
  ImagePart,
  JsonValue,
  NativeCall,
  ResultContent,
  ToolCallPart,
  ToolResultPart,
} from '../model/session.ts';
import type { ToolCall } from '../model/tools.ts';
import type { Ledger } from './fidelity.ts';
import { toldCall, toldImage, toldResult, wellFormed, wellFormedValue } from './texts.ts';

/** What a call becomes: the target's calls (one, or several that do the same together), or a labelled text. */
export type TranslatedCall =
  | { told: false; name: string; calls: ToolCallPart[] }
  | { told: true; name: string; text: string };

/** Translates calls and results of one pass over a session. */
export interface CallDesk {
  call(call: ToolCallPart): TranslatedCall;
  /** The result of a call that was carried as structured calls: one result for each of them. */
  results(calls: ToolCallPart[], result: ToolResultPart): ToolResultPart[];
  /** Results for calls whose outcome the source does not have. */
  missing(calls: ToolCallPart[]): ToolResultPart[];
  /** A result as text: its call is told as text, or is not recorded (`name` undefined). */
  tell(result: ToolResultPart, name: string | undefined): string;
}

export interface CallDeskOptions {
  source: Agent;
  target: Agent;
  accepts: Acceptance;
  cwd: string;
  ids: Ids;
  ledger: Ledger;
}

export const NO_RESULT = '[no result recorded]';

export function callDesk(options: CallDeskOptions): CallDesk {
  const { source, target, accepts, cwd, ledger } = options;
  const same = source.id === target.id;
  const claimId = idClaims(options);
  const foreignName = foreignNames(options);

  return {
    call(call) {
      const native = wellFormedValue({ ...call.native }, ledger) as NativeCall & Record<string, JsonValue>;
      if (same) {
        ledger.became('toolCalls', 'native');
        return {
          told: false,
          name: native.name,
          calls: [asPart(claimId(call.callId), native, meaning(call))],
        };
      }
      const meant = wellFormedValue(meaning(call) as never, ledger) as ToolCall;
      const own = target.tools.write(meant, cwd);
      if (own === undefined || own.length === 0) {
        if (accepts.foreignTools === 'text') {
          ledger.became('toolCalls', 'text');
          ledger.note('call-as-text', `${call.tool}: the target has no such tool and takes no foreign ones`);
          return { told: true, name: native.name, text: toldCall({ ...call, native }) };
        }
        return { told: false, name: native.name, calls: [foreign(call, native)] };
      }
      const calls = own.map((each, n) =>
        asPart(n === 0 ? claimId(call.callId) : claimId(undefined), each, target.tools.read(each, cwd)),
      );
      const untouched = calls.length === 1 && stable(own[0]) === stable(native);
      ledger.became('toolCalls', untouched ? 'native' : 'translated');
      noteChanges(meant, calls, ledger);
      return { told: false, name: native.name, calls };
    },

    results(calls, result) {
      const [first, ...others] = calls;
      if (first === undefined) return [];
      const content = withoutEmpty(result.content.map((part) => resultContent(part)));
      const changed =
        content.length !== result.content.length || content.some((part, n) => part !== result.content[n]);
      ledger.became('toolResults', changed ? 'translated' : 'native');
      return [
        withExitCode(first, { ...result, callId: first.callId, content }),
        ...others.map((call, n) => ({
          type: 'tool_result' as const,
          callId: call.callId,
          status: result.status,
          content: [text(`[part ${n + 2} of ${calls.length}: see the result of part 1]`)],
        })),
      ];
    },

    missing(calls) {
      ledger.note('missing-result', `the source has no result for a call: "${NO_RESULT}" stands for it`);
      return calls.map((call) => ({
        type: 'tool_result',
        callId: call.callId,
        status: 'error',
        content: [text(NO_RESULT)],
      }));
    },

    tell(result, name) {
      ledger.became('toolResults', 'text');
      if (name === undefined)
        ledger.note('orphan-result', 'a result whose call is not recorded was told as text');
      const content = result.content.map((part) =>
        part.type === 'text' ? part : text(imageAsText(part, 'in a tool result that was told as text')),
      );
      return wellFormed(toldResult({ ...result, content }, name), ledger);
    },
  };

  function foreign(call: ToolCallPart, native: NativeCall): ToolCallPart {
    const name = foreignName(native.name);
    const input = isObject(native.input) ? native.input : { input: native.input };
    const part = asPart(claimId(call.callId), { name, input }, target.tools.read({ name, input }, cwd));
    ledger.became('toolCalls', name === native.name && input === native.input ? 'native' : 'translated');
    ledger.note('foreign-tool', `${name}: kept as a call to a tool that the target does not have`);
    if (name !== native.name) ledger.note('tool-renamed', `to ${name}`);
    if (input !== native.input) ledger.note('tool-input-changed', `${name}: free text is held in "input"`);
    return part;
  }

  function resultContent(part: ResultContent): ResultContent {
    if (part.type === 'text') {
      const fixed = wellFormed(part.text, ledger);
      return fixed === part.text ? part : text(fixed);
    }
    if (part.data !== undefined && accepts.images.result) {
      ledger.became('images', 'native');
      return part;
    }
    return text(imageAsText(part, 'the target takes no images in tool results'));
  }

  /** Model APIs refuse empty texts beside others. */
  function withoutEmpty(content: ResultContent[]): ResultContent[] {
    if (content.length < 2) return content;
    const kept = content.filter((part) => part.type !== 'text' || part.text !== '');
    if (kept.length < content.length)
      ledger.note(
        'empty-text',
        'a text without any visible character was left out',
        content.length - kept.length,
      );
    return kept;
  }

  function imageAsText(image: ImagePart, reason: string): string {
    ledger.became('images', 'text');
    ledger.note('image-as-text', image.data === undefined ? 'only its path is stored' : reason);
    return wellFormed(toldImage(image), ledger);
  }

  /** Only commands have an exit code; elsewhere the status says what there is to say. */
  function withExitCode(call: ToolCallPart, result: ToolResultPart): ToolResultPart {
    if (result.exitCode === undefined) return result;
    const { exitCode, ...rest } = result;
    if (!same && call.tool !== 'execute') {
      ledger.note('exit-code', "the target's tool has no exit code; the status says whether it failed");
      return rest;
    }
    if (exitCode === 0 || rest.status !== 'ok') return result;
    ledger.note('result-status', 'a command that failed was recorded as successful');
    return { ...result, status: 'error' };
  }
}

function text(content: string): ResultContent {
  return { type: 'text', text: content };
}

function meaning(call: ToolCallPart): ToolCall {
  return { tool: call.tool, input: call.input } as ToolCall;
}

function asPart(callId: string, native: NativeCall, call: ToolCall): ToolCallPart {
  return { type: 'tool_call', callId, native, ...call };
}

/** Says what a translation changed: read back by the target, does the call still mean the same? */
function noteChanges(meant: ToolCall, calls: ToolCallPart[], ledger: Ledger): void {
  const kinds = [...new Set(calls.map((call) => call.tool))].sort();
  if (calls.length > 1) {
    ledger.note('tool-split', `${meant.tool} → several calls (${kinds.join(', ')})`);
    return;
  }
  if (kinds[0] !== meant.tool) {
    ledger.note('tool-kind-changed', `${meant.tool} → ${kinds[0] ?? 'nothing'}`);
    return;
  }
  const changed = changedMembers(meant.input, calls[0]?.input);
  if (changed.length > 0) ledger.note('tool-input-changed', `${meant.tool}: ${changed.join(', ')}`);
}

function changedMembers(before: object, after: object | undefined): string[] {
  const a = new Map(Object.entries(before));
  const b = new Map(Object.entries(after ?? {}));
  const names = new Set([...a.keys(), ...b.keys()]);
  const isSame = (x: unknown, y: unknown): boolean => x === y || stable([x]) === stable([y]);
  return [...names].filter((name) => !isSame(a.get(name), b.get(name))).sort();
}

/** Gives each call an id that is unique and that the target takes; its own where that is one. */
function idClaims({ accepts, ids, ledger }: CallDeskOptions): (wanted: string | undefined) => string {
  const used = new Set<string>();
  const valid = withoutState(accepts.callId.pattern);
  return (wanted) => {
    let id = wanted;
    if (wanted !== undefined && (used.has(wanted) || !valid.test(wanted))) {
      const reason = used.has(wanted) ? 'used twice in the source' : 'not a form that the target takes';
      ledger.note('call-id-changed', reason);
      id = undefined;
    }
    while (id === undefined || used.has(id)) id = `${accepts.callId.prefix}${ids.short(24)}`;
    used.add(id);
    return id;
  };
}

/** Names for foreign tools: of the target's form, different for different tools, and none that means something to it. */
function foreignNames({ source, target, accepts }: CallDeskOptions): (name: string) => string {
  const known = new Map<string, string>();
  const taken = new Set<string>();
  const valid = withoutState(accepts.toolName.pattern);
  const { maxLength } = accepts.toolName;
  const usable = (name: string): boolean =>
    !taken.has(name) &&
    name.length <= maxLength &&
    valid.test(name) &&
    ['other', 'mcp'].includes(target.tools.read({ name, input: {} }).tool);

  const choose = (name: string): string => {
    const clean = (raw: string): string => raw.replace(/[^a-zA-Z0-9_-]/g, '_');
    const bases = [clean(name), `${clean(source.id)}_${clean(name)}`, `tool_${clean(name)}`];
    for (const base of [name, ...bases, ...bases.map((each) => each.toLowerCase())]) {
      if (usable(base.slice(0, maxLength))) return base.slice(0, maxLength);
    }
    for (let n = 2; ; n++) {
      const end = `_${n}`;
      const candidate = `tool_${clean(name)}`.toLowerCase().slice(0, maxLength - end.length) + end;
      if (usable(candidate)) return candidate;
      if (n > 10_000) throw new Error(`no name of the form that ${target.id} takes`);
    }
  };
  return (name) => {
    const chosen = known.get(name) ?? choose(name);
    known.set(name, chosen);
    taken.add(chosen);
    return chosen;
  };
}

/** The same pattern without the flags that make `test` remember where it stopped. */
function withoutState(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
}
