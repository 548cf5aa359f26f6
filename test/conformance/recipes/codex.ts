/** Codex CLI. Speaks OpenAI Responses. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asArray, asNumber, asObject, asText, isObject, parseObject } from '../../../src/model/narrow.ts';
import { EDIT_FROM, EDIT_TO, type Recipe } from '../recipe.ts';

const ASK_LIST = [
  { id: 1, method: 'initialize', params: { clientInfo: { name: 'list', title: 'list', version: '1' } } },
  { method: 'initialized' },
  { id: 2, method: 'thread/list', params: { limit: 50 } },
]
  .map((message) => `${JSON.stringify(message)}\n`)
  .join('');

export const recipe: Recipe = {
  id: 'codex',
  setup(place) {
    mkdirSync(join(place.home, '.codex'), { recursive: true });
    const config = `model = "mock-model"
model_provider = "mock"
model_reasoning_summary = "auto"
check_for_update_on_startup = false
[model_providers.mock]
name = "mock"
base_url = "${place.url}/v1"
wire_api = "responses"
env_key = "MOCK_KEY"
request_max_retries = 1
stream_max_retries = 0
supports_websockets = false
[analytics]
enabled = false
[projects."${place.cwd}"]
trust_level = "trusted"
`;
    writeFileSync(join(place.home, '.codex/config.toml'), config);
    return { MOCK_KEY: 'test-key' };
  },
  flags: () => ['--dangerously-bypass-approvals-and-sandbox'],
  tui: { leave: ['/quit', '\r'] },
  edit: () => {
    const patch = `*** Begin Patch
*** Update File: src/index.js
@@
-server.${EDIT_FROM};
+server.${EDIT_TO};
*** Add File: config.json
+{"port":8080}
*** End Patch`;
    return `CALL: exec_command ${JSON.stringify({ cmd: `apply_patch <<'EOF'\n${patch}\nEOF` })}`;
  },
  image: 'prompt',
  start(place, prompt, image) {
    // -i takes several values: it has to stand after the prompt
    const shown = image === undefined ? [] : ['-i', image];
    return {
      argv: ['codex', 'exec', '--skip-git-repo-check', ...(recipe.flags?.(place) ?? []), prompt, ...shown],
    };
  },
  // no plain list command: the server behind the picker is asked; it ends when its input does, so that is kept open
  list: {
    run: () => ({ argv: ['sh', '-c', '(cat; sleep 2) | codex app-server'], stdin: ASK_LIST }),
    sessions(stdout) {
      const answers = stdout.split('\n').map((line) => parseObject(line));
      const result = asObject(answers.find((answer) => answer?.id === 2)?.result);
      return (asArray(result?.data) ?? []).filter(isObject).map((thread) => ({
        id: asText(thread.id),
        title: asText(thread.name) ?? asText(thread.preview),
        cwd: asText(thread.cwd),
        updated: (asNumber(thread.updatedAt) ?? 0) * 1000,
      }));
    },
  },
  withoutHarness(text, role) {
    if (role !== 'user') return text;
    if (
      /^\s*(# AGENTS\.md instructions for |<(environment_context|user_instructions|turn_aborted)>)/.test(text)
    )
      return '';
    // markers that codex puts around the images of a prompt
    return /^<\/?image\b[^>]*>$/.test(text) ? '' : text;
  },
};
