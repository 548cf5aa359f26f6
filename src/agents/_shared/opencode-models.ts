/** Model names as OpenCode and its forks store them: provider and model. */

/**
 * `provider/model` → its two halves. A bare name is another agent's model: it is shown beside the message and used for
 * nothing else, so a provider is guessed.
 */
export function splitModel(name: string): { providerID: string; modelID: string } {
  const slash = name.indexOf('/');
  if (slash > 0) return { providerID: name.slice(0, slash), modelID: name.slice(slash + 1) };
  const provider = PROVIDERS.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';
  return { providerID: provider, modelID: name };
}

const PROVIDERS: readonly (readonly [RegExp, string])[] = [
  [/^(claude|opus|sonnet|haiku)/, 'anthropic'],
  [/^(gpt|o\d|codex)/, 'openai'],
  [/^gemini/, 'google'],
  [/^grok/, 'xai'],
  [/^kimi/, 'moonshotai'],
  [/^qwen/, 'alibaba'],
];
