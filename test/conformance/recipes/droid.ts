/** Factory Droid. Speaks Anthropic Messages here; its own service is asked before a session is resumed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asArray, asNumber, asText, isObject, parseObject } from '../../../src/model/narrow.ts';
import { agentPath } from '../process.ts';
import { EDIT_FROM, EDIT_TO, type Recipe } from '../recipe.ts';

export const recipe: Recipe = {
  id: 'droid',
  setup(place) {
    const folder = join(place.home, '.factory');
    mkdirSync(folder, { recursive: true });
    const model = {
      model: 'mock-model',
      displayName: 'Mock',
      baseUrl: place.url,
      apiKey: 'test-key',
      provider: 'anthropic',
      maxOutputTokens: 8192,
      maxContextLimit: 4_000_000,
    };
    const trustedFolders = { [place.cwd]: { trustedAt: '2026-01-01T00:00:00.000Z' } };
    writeFileSync(join(folder, 'settings.json'), JSON.stringify({ customModels: [model], trustedFolders }));
    return {
      // the platform's package has no entry in .bin
      PATH: `${join(place.modules, '@factory/cli-linux-x64/bin')}:${agentPath(place.modules)}`,
      FACTORY_API_BASE_URL: place.url,
      FACTORY_DROID_AUTO_UPDATE_ENABLED: 'false',
      FACTORY_DISABLE_KEYRING: '1',
      FACTORY_API_KEY: 'fk-test',
    };
  },
  // the interface wants to know whose key it is
  routes: () => [
    ({ path }) => (path === '/api/cli/whoami' ? { body: { userId: 'dev', orgId: 'example' } } : undefined),
  ],
  flags: () => ['--model', 'custom:mock-model', '--auto', 'high'],
  edit({ cwd }) {
    const file_path = join(cwd, 'src/index.js');
    const config = { file_path: join(cwd, 'config.json'), content: '{"port":8080}\n' };
    return [
      `CALL: Read ${JSON.stringify({ file_path })}`,
      `CALL: Edit ${JSON.stringify({ file_path, old_str: EDIT_FROM, new_str: EDIT_TO })}`,
      `CALL: Create ${JSON.stringify(config)}`,
    ].join('\n');
  },
  withoutHarness(text, role) {
    if (role !== 'user') return text;
    // its interface sends images of results as prompts of their own, behind this line
    if (/^Image content from \S+:$/.test(text)) return '';
    return text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>\s*/g, '');
  },
  image: (_place, path) => `CALL: Read ${JSON.stringify({ file_path: path })}`,
  // there is no list command; the search over local sessions finds them by any text
  list: {
    run: () => ({
      argv: ['droid', 'search', 'e', '--json', '--kind', 'message_text', '--limit-sessions', '1000'],
    }),
    sessions: (stdout) =>
      (asArray(parseObject(stdout)?.sessions) ?? []).filter(isObject).map((row) => ({
        id: asText(row.sessionId),
        title: asText(row.title),
        updated: asNumber(row.updatedAt),
      })),
  },
};
