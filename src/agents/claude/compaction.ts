/** The text that Claude Code puts around a compaction summary; taken off when reading, put on when writing. */

const OPENING =
  /^This session is being continued from a previous conversation that ran out of context\. (?:The summary below covers the earlier portion of the conversation\.|The conversation is summarized below:)\n{0,2}/;
const TOOLS_USED = /^<system-reminder>\s*<tools-used-before-summary>[\s\S]*?<\/system-reminder>\s*/;
const CLOSING =
  /\n\n(?:If you need specific details from before compaction \(|Please continue the conversation from where we left it off|Continue the conversation from where it left off without asking)[\s\S]*$/;

const WRITTEN_OPENING =
  'This session is being continued from a previous conversation that ran out of context. The summary below covers the earlier portion of the conversation.\n\n';

/** The summary itself. */
export function unwrapSummary(text: string): string {
  const opened = text.replace(OPENING, '');
  if (opened === text) return text;
  return opened.replace(TOOLS_USED, '').replace(CLOSING, '');
}

/** The stored form of a summary; `unwrapSummary` gives the summary back. */
export function wrapSummary(summary: string): string {
  const wrapped = WRITTEN_OPENING + summary;
  return unwrapSummary(wrapped) === summary ? wrapped : summary;
}
