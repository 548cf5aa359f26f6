/** Template's tools ⇄ canonical tools. Both directions are total: what is not known is `other`. */
import { asNumber, asObject, asText } from '../../model/narrow.ts';
import type { ToolCall } from '../../model/tools.ts';
import type { ToolTable } from '../contract.ts';

export const tools: ToolTable = {
  read({ name, input }): ToolCall {
    const fields = asObject(input);
    const command = asText(fields?.command);
    const path = asText(fields?.path);
    if (name === 'shell' && command !== undefined)
      return { tool: 'execute', input: { command, timeoutMs: asNumber(fields?.timeout) } };
    if (name === 'read_file' && path !== undefined) return { tool: 'read', input: { path } };
    return { tool: 'other', input: { name, input } };
  },
  write(call) {
    switch (call.tool) {
      case 'execute':
        return [{ name: 'shell', input: { command: call.input.command } }];
      case 'read':
        return [{ name: 'read_file', input: { path: call.input.path } }];
      default:
        return undefined;
    }
  },
};
