/** Kimi Code. Speaks OpenAI chat completions here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asArray, asNumber, asText, isObject, parseJson } from '../../../src/model/narrow.ts';
import { EDIT_FROM, EDIT_TO, type Recipe } from '../recipe.ts';

export const recipe: Recipe = {
  id: 'kimi',
  setup(place) {
    const folder = join(place.home, '.kimi-code');
    mkdirSync(folder, { recursive: true });
    const config = `default_model = "mock-model"
telemetry = false
[loop_control]
max_attempts_per_step = 1
[providers.mock]
type = "openai"
base_url = "${place.url}/v1"
api_key = "test-key"
[models.mock-model]
provider = "mock"
model = "mock-model"
max_context_size = 4000000
capabilities = ["tool_use", "thinking", "image_in"]
`;
    writeFileSync(join(folder, 'config.toml'), config);
    writeFileSync(join(folder, 'tui.toml'), '[upgrade]\nauto_install = false\n');
    return { KIMI_DISABLE_TELEMETRY: '1' };
  },
  // trust is kept in a file whose name has a hash of the folder
  tui: { steps: [[/Trust this folder/, '\r']] },
  flags: () => ['--model', 'mock-model'],
  edit({ cwd }) {
    const path = join(cwd, 'src/index.js');
    const config = { path: join(cwd, 'config.json'), content: '{"port":8080}\n' };
    return [
      `CALL: Read ${JSON.stringify({ path })}`,
      `CALL: Edit ${JSON.stringify({ path, old_string: EDIT_FROM, new_string: EDIT_TO })}`,
      `CALL: Write ${JSON.stringify(config)}`,
    ].join('\n');
  },
  image: (_place, path) => `CALL: ReadMediaFile ${JSON.stringify({ path })}`,
  withoutHarness(text, role) {
    if (role !== 'user') return text;
    // chat completions take no images in results: they are sent behind them, with this line
    if (text === 'Attached media from tool result:') return '';
    return text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>\s*/g, '');
  },
  // media of results come as a user message, behind which the prompt is not the last any more
  pick: (requests, probe) =>
    requests.findLast(
      ({ request }) =>
        (request?.tools.length ?? 0) > 0 &&
        request?.items.some(
          (item) => item.kind === 'text' && item.role === 'user' && item.text.includes(probe),
        ),
    ),
  list: {
    run: () => ({ argv: ['kimi', 'session', 'list', '--json'] }),
    sessions: (stdout) =>
      (asArray(parseJson(stdout)) ?? []).filter(isObject).map((row) => ({
        id: asText(row.id),
        cwd: asText(row.workDir),
        updated: asNumber(row.updatedAt),
      })),
  },
};
