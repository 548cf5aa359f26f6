/** Kinds of response items and of turn items, by what they are to a session. */
export const CALLS = new Set([
  'function_call',
  'custom_tool_call',
  'local_shell_call',
  'web_search_call',
  'image_generation_call',
  'tool_search_call',
]);
export const OUTPUTS = new Set(['function_call_output', 'custom_tool_call_output', 'tool_search_output']);
/** Items that are not part of the conversation: tools announced, encrypted history, settings. */
export const SILENT = new Set([
  'additional_tools',
  'compaction',
  'context_compaction',
  'compaction_trigger',
  'configuration_update',
  'ghost_snapshot',
  'other',
]);
export const OUTCOMES = new Set(['CommandExecution', 'FileChange', 'McpToolCall', 'DynamicToolCall']);
export const SAID = new Set(['UserMessage', 'AgentMessage', 'Reasoning']);
export const LEGACY_OUTCOMES = new Set([
  'exec_command_end',
  'patch_apply_end',
  'mcp_tool_call_end',
  'dynamic_tool_call_response',
]);
