/** Session → WorkState in one pass; memory stays bounded whatever the session's size. */
import type {
  Entry,
  MessageEntry,
  PlanItem,
  Session,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import type { ToolName } from '../../model/tools.ts';
import { collectCommands, essence, lastOutput, resultText, target, tellingLines } from './commands.ts';
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

interface OpenCall {
  call: ToolCallPart;
  ref: EntryRef;
  /** Its place in the tail, which gets its outcome. */
  item: TailCall;
}

/** A tail item whose output is read only when the session has ended. */
type TailCall = Omit<TailItem, 'outcome'> & { outcome?: { failed: boolean; label: string; output: string } };

/** Reads the session's active path once. Only quotes are kept, each with the number of its entry (from 1). */
export function extractWorkState(
  session: Session,
  options: { reasoning: boolean } = { reasoning: true },
): WorkState {
  const requests = collectRequests();
  const statements = collectStatements(options.reasoning);
  const files = collectFiles(session.info.cwd);
  const commands = collectCommands();
  const activity = new Map<string, ToolActivity>();
  const open = new Map<string, OpenCall>();
  const subagents: SubagentResult[] = [];
  const summaries: WorkState['summaries'] = [];
  let plan: WorkState['plan'];
  let limit: WorkState['limit'];
  let tail: TailCall[] = [];
  let ref = 0;

  const remember = (item: TailCall): void => {
    tail.push(item);
    if (tail.length >= 2 * MAX_TAIL_ITEMS) tail = endOf(tail);
  };

  const onCall = (call: ToolCallPart, at: EntryRef): void => {
    const item: TailCall = {
      who: 'call',
      text: `${call.native.name}: ${oneLine(target(call), 300)}`,
      ref: at,
    };
    open.set(call.callId, { call, ref: at, item });
    // the plan has a section of its own
    if (call.tool !== 'plan') remember(item);
  };

  const onResult = (result: ToolResultPart, at: EntryRef): void => {
    const opened = open.get(result.callId);
    if (opened === undefined) return;
    open.delete(result.callId);
    const { call, item } = opened;
    item.outcome = outcomeOf(result);
    commands.add(call, result, opened.ref);
    if (result.status === 'error' && call.tool === 'execute') statements.setback('failed');
    if (result.status === 'ok') {
      if (files.add(call, opened.ref)) statements.setback('undone');
      if (call.tool === 'plan') plan = { items: mergePlan(plan?.items, call.input.items), ref: opened.ref };
    }
    if (call.tool === 'task') {
      subagents.push({
        task: call.input.description ?? oneLine(call.input.prompt, 200),
        result: withoutBulk(reportOf(session, resultText(result)), 4000),
        ref: at,
      });
      if (subagents.length > MAX_SUBAGENTS) subagents.shift();
    }
    count(activity, call, result, opened.ref);
  };

  const onMessage = (entry: MessageEntry, at: EntryRef): void => {
    if (entry.origin === 'human') {
      requests.add(entry, at);
      statements.addHuman(entry, at);
      tail = [];
    } else if (entry.role === 'assistant') statements.addAssistant(entry, at);
    for (const part of entry.parts) {
      if (part.type === 'text' && entry.origin !== 'harness' && entry.role !== 'system') {
        remember({
          who: entry.origin === 'human' ? 'person' : 'assistant',
          text: withoutBulk(part.text, MAX_TAIL_TEXT),
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
      summaries.push({ text: entry.summary.slice(0, 20_000), ref });
      if (summaries.length > MAX_SUMMARIES) summaries.shift();
    } else if (entry.type === 'event') limit = limitOf(entry, ref) ?? limit;
  }

  return {
    info: session.info,
    ...requests.result(),
    ...statements.result(),
    ...commands.result(),
    plan,
    files: files.result(),
    tail: endOf(tail).map(tailItem),
    interrupted: [...open.values()].map(({ call, ref: at }) => ({
      text: `${call.native.name}: ${oneLine(target(call), 600)}`,
      ref: at,
    })),
    subagents,
    summaries,
    activity: [...activity.values()].sort((a, b) => b.calls - a.calls),
    limit,
    entries: ref,
  };
}

/** The prompt that opened the turn stays, the middle goes. */
function endOf(tail: TailCall[]): TailCall[] {
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

function outcomeOf(result: ToolResultPart): TailCall['outcome'] {
  return {
    failed: result.status !== 'ok',
    label: result.exitCode === undefined ? result.status : `exit ${result.exitCode}`,
    output: lastOutput(result),
  };
}

function tailItem({ outcome, ...item }: TailCall): TailItem {
  if (outcome === undefined) return item;
  const { output, ...rest } = outcome;
  return { ...item, outcome: { ...rest, lines: tellingLines(output, rest.failed) } };
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
  call: ToolCallPart,
  result: ToolResultPart,
  ref: EntryRef,
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
  const text = call.tool === 'execute' ? `$ ${essence(call.input.command)}` : target(call);
  const outcome =
    result.exitCode === undefined
      ? result.status === 'ok'
        ? 'ok'
        : result.status
      : `exit ${result.exitCode}`;
  known.samples = [
    { text: oneLine(text, 200), outcome, ref },
    ...known.samples.filter((sample) => sample.text !== text),
  ].slice(0, SAMPLES);
}
