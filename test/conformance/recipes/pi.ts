/** pi. Speaks OpenAI chat completions here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EDIT_FROM, EDIT_TO, type Listed, type Recipe } from '../recipe.ts';

/** pi has no command that lists sessions: its package exports the function behind `pi --resume`. */
const LIST = `
const { SessionManager } = await import(process.argv[1]);
const sessions = await SessionManager.list(process.cwd());
console.log(JSON.stringify(sessions.map(({ id, name, firstMessage, cwd, modified }) =>
  ({ id, title: name ?? firstMessage, cwd, updated: modified }))));`;

export const recipe: Recipe = {
  id: 'pi',
  setup(place) {
    const folder = join(place.home, '.pi/agent');
    mkdirSync(folder, { recursive: true });
    const model = {
      id: 'mock-model',
      reasoning: true,
      input: ['text', 'image'],
      contextWindow: 2_000_000,
      maxTokens: 8000,
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    };
    const mock = {
      baseUrl: `${place.url}/v1`,
      api: 'openai-completions',
      apiKey: 'test-key',
      models: [model],
    };
    writeFileSync(join(folder, 'models.json'), JSON.stringify({ providers: { mock } }));
    return { PI_OFFLINE: '1', PI_TELEMETRY: '0' };
  },
  flags: () => ['--provider', 'mock', '--model', 'mock-model'],
  // Ctrl-C only clears what was typed
  tui: { leave: ['\u0004'] },
  edit: () => {
    const edits = [{ oldText: EDIT_FROM, newText: EDIT_TO }];
    return [
      'CALL: read {"path":"src/index.js"}',
      `CALL: edit ${JSON.stringify({ path: 'src/index.js', edits })}`,
      'CALL: write {"path":"config.json","content":"{\\"port\\":8080}\\n"}',
    ].join('\n');
  },
  image: 'prompt',
  start(place, prompt, image) {
    const shown = image === undefined ? [] : [`@${image}`];
    return { argv: ['pi', ...(recipe.flags?.(place) ?? []), '-p', ...shown, prompt] };
  },
  withoutHarness(text, role) {
    if (role !== 'user') return text;
    // chat completions take no images in results: pi sends them behind the result, with this line
    if (text === 'Attached image(s) from tool result:') return '';
    // marks that pi puts in front of the images of a prompt
    return text.replace(/^(<file name="[^"]*">[^\n]*<\/file>\n)+/, '');
  },
  list: {
    run: (place) => ({
      argv: [
        'node',
        '--input-type=module',
        '-e',
        LIST,
        join(place.modules, '@earendil-works/pi-coding-agent/dist/index.js'),
      ],
    }),
    sessions: (stdout) => JSON.parse(stdout) as Listed[],
  },
};
