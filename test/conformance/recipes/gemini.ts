/** Gemini CLI. Speaks Gemini generateContent; a context message comes first in every request. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EDIT_FROM, EDIT_TO, type Recipe } from '../recipe.ts';

export const recipe: Recipe = {
  id: 'gemini',
  setup(place) {
    mkdirSync(join(place.home, '.gemini'), { recursive: true });
    const settings = {
      security: { auth: { selectedType: 'gemini-api-key' } },
      general: { enableAutoUpdate: false },
      // the odd session's 3 MB would be summarised before the probe is sent
      model: { compressionThreshold: 0.99 },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
    };
    writeFileSync(join(place.home, '.gemini/settings.json'), JSON.stringify(settings));
    return {
      GEMINI_API_KEY: 'test-key',
      GOOGLE_GEMINI_BASE_URL: place.url,
      GEMINI_TELEMETRY_ENABLED: 'false',
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      NO_COLOR: '1',
    };
  },
  // with a model named, no request asks a router first which one to take
  flags: () => ['-m', 'gemini-2.5-flash', '--approval-mode', 'yolo'],
  tui: { flags: () => ['-m', 'gemini-2.5-flash'] },
  edit: ({ cwd }) => {
    const file_path = join(cwd, 'src/index.js');
    const replace = { file_path, instruction: 'Another port.', old_string: EDIT_FROM, new_string: EDIT_TO };
    const write = { file_path: join(cwd, 'config.json'), content: '{"port":8080}\n' };
    return [
      `CALL: read_file ${JSON.stringify({ file_path })}`,
      `CALL: replace ${JSON.stringify(replace)}`,
      `CALL: write_file ${JSON.stringify(write)}`,
    ].join('\n');
  },
  image: (_place, path) => `CALL: read_file ${JSON.stringify({ file_path: path })}`,
  withoutHarness: (text, role) =>
    role === 'user' && /^\s*<(?:session_context|hook_context)>/.test(text) ? '' : text,
  list: {
    run: () => ({ argv: ['gemini', '--list-sessions'] }),
    // the title is one that the agent lets a model make
    sessions: (stdout) => [...stdout.matchAll(/\[([0-9a-f-]{36})\]/g)].map((match) => ({ id: match[1] })),
  },
};
