/** Session → WorkState in one pass; memory stays bounded whatever the session's size. */
import type {
  Entry,
  MessageEntry,
  Part,
  PlanItem,
  Session,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import { cutLine, cutText, oneLine } from '../../model/text.ts';
import type { ToolName } from '../../model/tools.ts';
import { collectCommands, lastOutput, resultText, target, tellingLines } from './commands.ts';
import { collectFiles } from './files.ts';
import { collectRequests } from './requests.ts';
import { withoutBulk } from './sentences.ts';
import { collectStatements } from './statements.ts';
import type { EntryRef, SubagentResult, TailItem, ToolActivity, WorkState } from './types.ts';

const MAX_TAIL_ITEMS = 120;
const MAX_TAIL_TEXT = 8000;
const SAMPLES = 8;
const MAX_SUBAGENTS = 60;
const MAX_SUMMARIES = 3;
const MAX_SUMMARY = 100_000;

interface OpenCall {
  call: ToolCallPart;
  /** What it is about. */
  about: string;
  ref: EntryRef;
  /** Its place in the tail, which gets its outcome. */
  item: TailDraft;
}

/** A tail item whose texts are read only when the session has ended: most turns are not the last. */
type TailDraft = Omit<TailItem, 'text' | 'outcome'> & {
  text: () => string;
  outcome?: { failed: boolean; label: string; output: string };
};

export interface ExtractOptions {
  /** Also look into readable reasoning; default true. */
  reasoning?: boolean;
  /** Masks secrets in what is kept; before anything is shortened to a line, where it could be recognised no more. */
  mask?: (text: string) => string;
}

/** Reads the session's active path once. Only quotes are kept, each with the number of its entry (from 1). */
export function extractWorkState(
  session: Session,
  { reasoning = true, mask = (text) => text }: ExtractOptions = {},
): WorkState {
  const requests = collectRequests();
  const statements = collectStatements(reasoning);
  const files = collectFiles(session.info.cwd);
  const commands = collectCommands();
  const activity = new Map<string, ToolActivity>();
  const open = new Map<string, OpenCall>();
  const subagents: SubagentResult[] = [];
  const summaries: WorkState['summaries'] = [];
  let plan: WorkState['plan'];
  let limit: WorkState['limit'];
  let tail: TailDraft[] = [];
  let ref = 0;

  const remember = (item: TailDraft): void => {
    tail.push(item);
    if (tail.length >= 2 * MAX_TAIL_ITEMS) tail = endOf(tail);
  };

  const onCall = (call: ToolCallPart, at: EntryRef): void => {
    const about = target(call);
    const item: TailDraft = {
      who: 'call',
      text: () => `${call.native.name}: ${cutLine(about, 300)}`,
      ref: at,
    };
    open.set(call.callId, { call, about, ref: at, item });
    // the plan has a section of its own
    if (call.tool !== 'plan') remember(item);
  };

  const onResult = (result: ToolResultPart, at: EntryRef): void => {
    const opened = open.get(result.callId);
    if (opened === undefined) return;
    open.delete(result.callId);
    const { call, about, item } = opened;
    item.outcome = outcomeOf(result);
    commands.add(call, about, result, opened.ref);
    if (result.status === 'error' && call.tool === 'execute') statements.setback('failed');
    if (result.status === 'ok') {
      if (files.add(call, opened.ref)) statements.setback('undone');
      if (call.tool === 'plan') plan = { items: mergePlan(plan?.items, call.input.items), ref: opened.ref };
    }
    if (call.tool === 'task') {
      subagents.push({
        task: call.input.description ?? cutLine(call.input.prompt, 200),
        result: withoutBulk(mask(reportOf(session, resultText(result))), 4000),
        ref: at,
      });
      if (subagents.length > MAX_SUBAGENTS) subagents.shift();
    }
    count(activity, opened, result);
  };

  const onMessage = (stored: MessageEntry, at: EntryRef): void => {
    const entry = withoutBlocks(stored, mask);
    if (entry.origin === 'human') {
      requests.add(entry, at);
      statements.addHuman(entry, at);
      tail = [];
    } else if (entry.role === 'assistant') statements.addAssistant(entry, at);
    for (const part of entry.parts) {
      if (part.type === 'text' && entry.origin !== 'harness' && entry.role !== 'system') {
        remember({
          who: entry.origin === 'human' ? 'person' : 'assistant',
          text: () => withoutBulk(part.text, MAX_TAIL_TEXT),
          ref: at,
        });
      } else if (part.type === 'tool_call') onCall(part, at);
      else if (part.type === 'tool_result') onResult(part, at);
    }
  };

  for (const entry of session.entries()) {
    ref++;
    if (entry.type === 'message') onMessage(entry, ref);
    else if (entry.type === 'plan') plan = { items: entry.items, ref };
    else if (entry.type === 'compaction' && entry.summary !== '') {
      summaries.push({ text: cutText(entry.summary, MAX_SUMMARY), ref });
      if (summaries.length > MAX_SUMMARIES) summaries.shift();
    } else if (entry.type === 'event') limit = limitOf(entry, ref) ?? limit;
  }

  const found: Omit<WorkState, 'info'> = {
    ...requests.result(),
    ...statements.result(),
    ...commands.result(mask),
    plan,
    files: files.result(),
    tail: endOf(tail).map((item) => tailItem(item, mask)),
    interrupted: [...open.values()].map(({ call, about, ref: at }) => ({
      text: `${call.native.name}: ${cutLine(about, 600)}`,
      ref: at,
    })),
    subagents,
    summaries,
    activity: [...activity.values()].sort((a, b) => b.calls - a.calls),
    limit,
    entries: ref,
  };
  return { info: session.info, ...mapTexts(found, mask) };
}

/** Keys of several lines are masked before texts are taken apart into lines and sentences. */
function withoutBlocks(entry: MessageEntry, mask: (text: string) => string): MessageEntry {
  if (!entry.parts.some(holdsBlock)) return entry;
  return { ...entry, parts: entry.parts.map((part) => (holdsBlock(part) ? mapTexts(part, mask) : part)) };
}

/** Outputs are masked as a whole, when lines are taken from them. */
function holdsBlock(part: Part): boolean {
  return (part.type === 'text' || part.type === 'reasoning') && part.text.includes(BLOCK);
}

const BLOCK = '-----BEGIN';

/** The same value with every text in it mapped. */
function mapTexts<T>(value: T, map: (text: string) => string): T {
  if (typeof value === 'string') return map(value) as T;
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, map)])) as T;
}

/** The prompt that opened the turn stays, the middle goes. */
function endOf(tail: TailDraft[]): TailDraft[] {
  return tail.length <= MAX_TAIL_ITEMS ? tail : [...tail.slice(0, 1), ...tail.slice(1 - MAX_TAIL_ITEMS)];
}

/** What a subagent reported: of one that runs in the background the result only names it, and its session holds its words. */
function reportOf(session: Session, result: string): string {
  const own = session.subagents.find(({ info }) => info.id !== '' && result.includes(info.id));
  let report: string | undefined;
  for (const entry of own?.entries() ?? []) {
    if (entry.type !== 'message' || entry.role !== 'assistant') continue;
    report = entry.parts.findLast((part) => part.type === 'text')?.text ?? report;
  }
  return report ?? result;
}

function outcomeOf(result: ToolResultPart): TailDraft['outcome'] {
  return {
    failed: result.status !== 'ok',
    label: result.exitCode === undefined ? result.status : `exit ${result.exitCode}`,
    output: lastOutput(result),
  };
}

function tailItem({ who, text, outcome, ref }: TailDraft, mask: (text: string) => string): TailItem {
  const item: TailItem = { who, text: text(), ref };
  if (outcome === undefined) return item;
  const { output, ...rest } = outcome;
  return { ...item, outcome: { ...rest, lines: tellingLines(mask(output), rest.failed) } };
}

function limitOf(entry: Entry, ref: EntryRef): WorkState['limit'] {
  if (entry.type !== 'event' || entry.event !== 'limit') return undefined;
  return { text: oneLine(entry.text ?? 'usage limit reached', 300), resetsAt: entry.limit?.resetsAt, ref };
}

/** Some agents set the whole plan at once, others one step at a time: a single known step updates it. */
function mergePlan(known: PlanItem[] | undefined, items: PlanItem[]): PlanItem[] {
  const only = items[0];
  if (known === undefined || items.length !== 1 || only === undefined) return items;
  if (!known.some((item) => item.text === only.text)) return known.length > 1 ? [...known, only] : items;
  return known.map((item) => (item.text === only.text ? only : item));
}

function count(
  activity: Map<string, ToolActivity>,
  { call, about, ref }: OpenCall,
  result: ToolResultPart,
): void {
  const key = `${call.tool} ${call.native.name}`;
  const known: ToolActivity = activity.get(key) ?? {
    tool: call.tool as ToolName,
    name: call.native.name,
    calls: 0,
    failures: 0,
    samples: [],
  };
  activity.set(key, known);
  known.calls++;
  if (result.status !== 'ok') known.failures++;
  const text = call.tool === 'execute' ? `$ ${about}` : about;
  const outcome =
    result.exitCode === undefined
      ? result.status === 'ok'
        ? 'ok'
        : result.status
      : `exit ${result.exitCode}`;
  known.samples = [
    { text: cutLine(text, 200), outcome, ref },
    ...known.samples.filter((sample) => sample.text !== text),
  ].slice(0, SAMPLES);
}
