/** Continue's command line, cn. Speaks OpenAI chat completions here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asArray, asText, isObject, parseObject } from '../../../src/model/narrow.ts';
import { EDIT_FROM, EDIT_TO, type Recipe } from '../recipe.ts';

export const recipe: Recipe = {
  id: 'continue',
  setup(place) {
    const folder = join(place.home, '.continue');
    mkdirSync(folder, { recursive: true });
    const config = `name: Local
version: 1.0.0
schema: v1
models:
  - name: Mock
    provider: openai
    model: mock-model
    apiBase: ${place.url}/v1
    apiKey: test-key
    capabilities: [tool_use, image_input]
    roles: [chat]
    defaultCompletionOptions: { contextLength: 4000000, maxTokens: 8000 }
`;
    writeFileSync(join(folder, 'config.yaml'), config);
    return { CONTINUE_TELEMETRY_ENABLED: '0' };
  },
  flags: (place) => ['--config', join(place.home, '.continue/config.yaml'), '--auto'],
  tui: { flags: (place) => ['--config', join(place.home, '.continue/config.yaml')] },
  edit(place) {
    const file = join(place.cwd, 'src/index.js');
    const change = { file_path: file, old_string: EDIT_FROM, new_string: EDIT_TO };
    const config = { filepath: join(place.cwd, 'config.json'), content: '{"port":8080}\n' };
    return [
      `CALL: Read ${JSON.stringify({ filepath: file })}`,
      `CALL: Edit ${JSON.stringify(change)}`,
      `CALL: Write ${JSON.stringify(config)}`,
    ].join('\n');
  },
  resumeForks: true,
  list: {
    run: () => ({ argv: ['cn', 'ls', '--json'] }),
    sessions: (stdout) =>
      (asArray(parseObject(stdout)?.sessions) ?? []).filter(isObject).map((row) => ({
        id: asText(row.id),
        title: asText(row.title),
        cwd: asText(row.workspaceDirectory),
        updated: asText(row.timestamp),
      })),
  },
};
