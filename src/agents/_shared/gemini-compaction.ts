/** Summaries of compacted histories, as Gemini CLI and Qwen Code put them at the beginning of the new history. */

/** What the model "says" to a summary in both agents. */
export const ACKNOWLEDGEMENT = 'Got it. Thanks for the additional context!';

const SNAPSHOT = /^<state_snapshot>\n([\s\S]*)\n<\/state_snapshot>$/;

/** The summary without the tag around it; a text with more than the tag is taken whole. */
export function readSnapshot(text: string): string {
  return SNAPSHOT.exec(text)?.[1] ?? text;
}

/** A summary in the tag by which both agents know one. */
export function writeSnapshot(summary: string): string {
  return `<state_snapshot>\n${summary}\n</state_snapshot>`;
}
