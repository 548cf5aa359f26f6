/** Claude Code. Speaks Anthropic Messages; harness context comes as reminders in user messages and as system messages. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asArray, asNumber, asText, isObject, parseJson } from '../../../src/model/narrow.ts';
import { EDIT_FROM, EDIT_TO, type Recipe } from '../recipe.ts';

/** No command lists sessions: the vendor's library of the same version is asked, which reads the same store. */
const LIST = `
const { listSessions } = await import(process.argv[1]);
console.log(JSON.stringify(await listSessions({ dir: process.cwd() })));`;

export const recipe: Recipe = {
  id: 'claude',
  setup(place) {
    mkdirSync(join(place.home, '.claude'), { recursive: true });
    const known = {
      hasCompletedOnboarding: true,
      theme: 'dark',
      customApiKeyResponses: { approved: ['test-key'] },
      projects: { [place.cwd]: { hasTrustDialogAccepted: true } },
    };
    writeFileSync(join(place.home, '.claude.json'), JSON.stringify(known));
    return {
      ANTHROPIC_BASE_URL: place.url,
      ANTHROPIC_API_KEY: 'test-key',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_MAX_RETRIES: '1',
      // a session larger than the model's context would be summarised or refused before the probe is sent
      DISABLE_COMPACT: '1',
      CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE: '4000000',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      // lets permissions be skipped in a container where the user is root
      IS_SANDBOX: '1',
    };
  },
  flags: () => ['--dangerously-skip-permissions'],
  edit: ({ cwd }) => {
    const file_path = join(cwd, 'src/index.js');
    const steps = [
      `CALL: Read ${JSON.stringify({ file_path })}`,
      `CALL: Edit ${JSON.stringify({ file_path, old_string: EDIT_FROM, new_string: EDIT_TO })}`,
      `CALL: Write ${JSON.stringify({ file_path: join(cwd, 'config.json'), content: '{"port":8080}\n' })}`,
    ];
    return steps.join('\n');
  },
  image: (_place, path) => `CALL: Read ${JSON.stringify({ file_path: path })}`,
  list: {
    run: (place) => ({
      argv: [
        ...['node', '--input-type=module', '-e', LIST],
        join(place.modules, '@anthropic-ai/claude-agent-sdk/sdk.mjs'),
      ],
    }),
    sessions: (stdout) =>
      (asArray(parseJson(stdout)) ?? []).filter(isObject).map((row) => ({
        id: asText(row.sessionId),
        title: asText(row.summary),
        cwd: asText(row.cwd),
        updated: asNumber(row.lastModified),
      })),
  },
};
