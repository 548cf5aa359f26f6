/** Texts of user messages: what a person wrote, without the tags that Cline puts around it. */

/** A prompt of the command line and of the extension since 4.0 (measured with 3.0.65 of the command line). */
const PROMPT = /^<user_input(?: mode="[^"]*")?>([\s\S]*)<\/user_input>$/;
/** Prompts of the extension up to 3.x (read in its source). */
const TASK = /^\s*<(task|feedback|user_message|answer)>\n?([\s\S]*?)\n?<\/\1>\s*$/;
/** Notes of the agent itself. */
const NOTE = /^\s*(?:<(system-reminder|environment_details|explicit_instructions)\b[^>]*>[\s\S]*<\/\1>\s*)+$/;
const TASK_NOTE =
  /^\s*(?:<environment_details>|\[TASK RESUMPTION\]|\[ERROR\] You did not use a tool|# task_progress|# TODO LIST)/;

export function said(text: string): { text: string; origin: 'human' | 'harness' } {
  const prompt = PROMPT.exec(text)?.[1];
  if (prompt !== undefined) return { text: prompt, origin: 'human' };
  return { text, origin: NOTE.test(text) ? 'harness' : 'human' };
}

export function saidInTask(text: string): { text: string; origin: 'human' | 'harness' } {
  const prompt = TASK.exec(text)?.[2];
  if (prompt !== undefined) return { text: prompt, origin: 'human' };
  return TASK_NOTE.test(text) ? { text, origin: 'harness' } : said(text);
}

/** A prompt as Cline stores it: without the tag, a text that looks like one of its own notes would be taken for one. */
export function stored(prompt: string): string {
  return `<user_input mode="act">${prompt}</user_input>`;
}
