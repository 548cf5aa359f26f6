/** OpenClaw, without its gateway. Speaks OpenAI chat completions here. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asArray, asNumber, asText, isObject, parseObject } from '../../../src/model/narrow.ts';
import { EDIT_FROM, EDIT_TO, type Recipe } from '../recipe.ts';

const INTERNAL = /<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>[\s\S]*?<<<END_OPENCLAW_INTERNAL_CONTEXT>>>/g;

export const recipe: Recipe = {
  id: 'openclaw',
  setup(place) {
    const folder = join(place.home, '.openclaw');
    mkdirSync(folder, { recursive: true });
    const model = {
      id: 'mock-model',
      name: 'Mock',
      reasoning: true,
      input: ['text', 'image'],
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 2_000_000,
      maxTokens: 8000,
    };
    const mock = {
      baseUrl: `${place.url}/v1`,
      apiKey: 'test-key',
      api: 'openai-completions',
      models: [model],
    };
    const config = {
      models: { mode: 'merge', providers: { mock } },
      agents: {
        defaults: { workspace: place.cwd, skipBootstrap: true, model: { primary: 'mock/mock-model' } },
      },
      // none is needed, and they take a third of a start
      plugins: { enabled: false },
    };
    writeFileSync(join(folder, 'openclaw.json'), JSON.stringify(config));
    return {};
  },
  tui: { leave: ['/exit', '\r'] },
  edit: () => {
    const edits = [{ oldText: EDIT_FROM, newText: EDIT_TO }];
    return [
      'CALL: read {"path":"src/index.js"}',
      `CALL: edit ${JSON.stringify({ path: 'src/index.js', edits })}`,
      'CALL: write {"path":"config.json","content":"{\\"port\\":8080}\\n"}',
    ].join('\n');
  },
  // it shows the model an image whose path stands in the prompt
  image: 'prompt',
  start: (place, prompt, image) => ({
    argv: [
      ...['openclaw', 'agent', '--local', '--session-id', randomUUID(), '--message'],
      image === undefined ? prompt : `${prompt} ${image}`,
    ],
    cwd: place.cwd,
  }),
  withoutHarness(text, role) {
    if (role !== 'user') return text;
    // chat completions take no images in results: they follow behind this line
    if (/^Image\(s\) from tool result #\d+ \([^)]*\):$/.test(text)) return '';
    return text
      .replace(INTERNAL, '')
      .replace(/^\[[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d [A-Z]+\] /, '')
      .replace(/(^|\n\n)Runtime: agent=[\s\S]*$/, '');
  },
  list: {
    run: () => ({ argv: ['openclaw', 'sessions', '--json', '--limit', 'all'] }),
    sessions: (stdout) =>
      (asArray(parseObject(stdout)?.sessions) ?? []).filter(isObject).map((row) => ({
        id: asText(row.sessionId),
        updated: asNumber(row.updatedAt),
      })),
  },
  timeoutMs: 240_000,
  cannot: {
    target: {
      odd: 'OpenClaw sends at most 64,000 characters of a stored tool result (measured with 3 MB; the store has all of it)',
    },
  },
};
