/** Commands that failed in a session: `node failures.ts [REF]`. Only one entry is in memory at a time. */
import { readSession, type ToolCallPart } from 'segue-cli';

const session = await readSession(process.argv[2] ?? 'last');
const calls = new Map<string, ToolCallPart>();
for (const entry of session.entries()) {
  if (entry.type !== 'message') continue;
  for (const part of entry.parts) {
    if (part.type === 'tool_call') calls.set(part.callId, part);
    if (part.type !== 'tool_result' || part.status !== 'error') continue;
    const call = calls.get(part.callId);
    if (call?.tool === 'execute') console.log(`exit ${part.exitCode ?? '?'}: ${call.input.command}`);
  }
}
