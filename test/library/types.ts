/** What the library promises in types; `tsc` is the test. */
import { expectTypeOf } from 'vitest';
import {
  type AgentState,
  agents,
  applyTransfer,
  comparable,
  dryRun,
  type Entry,
  type ErrorCode,
  type FidelityReport,
  type ListedSession,
  listSessions,
  planTransfer,
  type Receipt,
  readSession,
  receipts,
  type SegueError,
  type Session,
  sessionDocument,
  type ToolCallPart,
  type Transfer,
  type TransferResult,
  type UndoResult,
  undo,
} from '../../src/public/index.ts';

expectTypeOf(listSessions).returns.resolves.toHaveProperty('sessions').toEqualTypeOf<ListedSession[]>();
expectTypeOf(listSessions).toBeCallableWith();
expectTypeOf(listSessions).toBeCallableWith({ agents: ['claude'], cwd: '.', limit: 3, all: true });
// @ts-expect-error unknown options are errors
void (() => listSessions({ agent: 'claude' }));

expectTypeOf(readSession).returns.resolves.toEqualTypeOf<Session>();
expectTypeOf<Session['entries']>().returns.toEqualTypeOf<Iterable<Entry>>();
expectTypeOf(sessionDocument).parameter(0).toEqualTypeOf<Session>();
expectTypeOf(comparable).returns.toExtend<Iterable<string>>();

expectTypeOf(planTransfer).toBeCallableWith({ ref: 'last', to: 'codex' });
// @ts-expect-error a target is needed
void (() => planTransfer({ ref: 'last' }));
expectTypeOf(planTransfer).returns.resolves.toEqualTypeOf<Transfer>();
expectTypeOf(dryRun).returns.toEqualTypeOf<TransferResult>();
expectTypeOf(applyTransfer).parameter(0).toEqualTypeOf<Transfer>();
expectTypeOf(applyTransfer).returns.resolves.toEqualTypeOf<TransferResult>();
expectTypeOf<TransferResult['receipt']>().toEqualTypeOf<string | null>();
expectTypeOf<FidelityReport['toolCalls']['native']>().toEqualTypeOf<number>();

expectTypeOf(undo).toBeCallableWith();
expectTypeOf(undo).returns.resolves.toEqualTypeOf<UndoResult>();
expectTypeOf(receipts).returns.toEqualTypeOf<Receipt[]>();
expectTypeOf(agents).returns.resolves.toEqualTypeOf<AgentState[]>();
expectTypeOf<SegueError['code']>().toEqualTypeOf<ErrorCode>();

/** A tool call's input follows from its tool. */
export function commandOf(call: ToolCallPart): string | undefined {
  return call.tool === 'execute' ? call.input.command : undefined;
}
