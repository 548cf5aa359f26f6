/** OpenCode. Speaks OpenAI chat completions here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asArray, asNumber, asText, isObject, parseJson } from '../../../src/model/narrow.ts';
import { EDIT_FROM, EDIT_TO, type Listed, type Recipe } from '../recipe.ts';

/** What `session list --format json` of OpenCode and its forks prints. */
export const listed = (stdout: string): Listed[] =>
  (asArray(parseJson(stdout)) ?? []).filter(isObject).map((row) => ({
    id: asText(row.id),
    title: asText(row.title),
    cwd: asText(row.directory),
    updated: asNumber(row.updated),
  }));

export const recipe: Recipe = {
  id: 'opencode',
  setup(place) {
    const folder = join(place.home, '.config/opencode');
    mkdirSync(folder, { recursive: true });
    const model = {
      reasoning: true,
      tool_call: true,
      attachment: true,
      modalities: { input: ['text', 'image'], output: ['text'] },
      limit: { context: 4_000_000, output: 8000 },
    };
    const mock = {
      npm: '@ai-sdk/openai-compatible',
      options: { baseURL: `${place.url}/v1`, apiKey: 'test-key' },
      models: { 'mock-model': model },
    };
    const config = {
      model: 'mock/mock-model',
      small_model: 'mock/mock-model',
      autoupdate: false,
      share: 'disabled',
      provider: { mock },
    };
    writeFileSync(join(folder, 'opencode.json'), JSON.stringify(config));
    return {
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_SHARE: '1',
    };
  },
  edit(place) {
    const file = join(place.cwd, 'src/index.js');
    const config = { filePath: join(place.cwd, 'config.json'), content: '{"port":8080}\n' };
    return [
      `CALL: read ${JSON.stringify({ filePath: file })}`,
      `CALL: edit ${JSON.stringify({ filePath: file, oldString: EDIT_FROM, newString: EDIT_TO })}`,
      `CALL: write ${JSON.stringify(config)}`,
    ].join('\n');
  },
  image: 'prompt',
  start(_place, prompt, image) {
    const shown = image === undefined ? [] : ['-f', image];
    return { argv: ['opencode', 'run', ...shown], stdin: prompt };
  },
  withoutHarness(text, role) {
    if (role !== 'user') return text;
    // what stands around attached files, and before the images of results
    return text.replace(
      /^(Called the Read tool with the following input: .*|Image read successfully|Attached media from tool result:)$/gm,
      '',
    );
  },
  list: {
    run: () => ({ argv: ['opencode', 'session', 'list', '--format', 'json'] }),
    sessions: listed,
  },
  timeoutMs: 120_000,
};
