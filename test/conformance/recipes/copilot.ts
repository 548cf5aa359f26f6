/** GitHub Copilot CLI, without a GitHub login. Speaks OpenAI chat completions here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asArray, asObject, asText, isObject, parseObject } from '../../../src/model/narrow.ts';
import { EDIT_FROM, EDIT_TO, type Recipe } from '../recipe.ts';

/** No plain list command: the program's server for editors is asked, one request after the other. */
const LIST = `
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
const child = spawn('copilot', ['--acp'], { stdio: ['pipe', 'pipe', 'inherit'] });
const ask = (id, method, params) => child.stdin.write(JSON.stringify({ jsonrpc: '2.0', id, method, params }) + '\\n');
createInterface({ input: child.stdout }).on('line', (line) => {
  const { id } = JSON.parse(line);
  if (id === 1) ask(2, 'session/list', { cwd: process.cwd() });
  if (id !== 2) return;
  console.log(line);
  child.kill();
});
ask(1, 'initialize', { protocolVersion: 1, clientCapabilities: {} });`;

export const recipe: Recipe = {
  id: 'copilot',
  setup(place) {
    mkdirSync(join(place.home, '.copilot'), { recursive: true });
    const known = { trustedFolders: [place.cwd] };
    writeFileSync(join(place.home, '.copilot/config.json'), JSON.stringify(known));
    return {
      COPILOT_PROVIDER_BASE_URL: `${place.url}/v1`,
      COPILOT_PROVIDER_API_KEY: 'test-key',
      COPILOT_MODEL: 'mock-model',
      COPILOT_OFFLINE: 'true',
      COPILOT_AUTO_UPDATE: 'false',
      // a session larger than the model's context would be cut before the probe is sent
      COPILOT_PROVIDER_MAX_PROMPT_TOKENS: '8000000',
      NO_COLOR: '1',
      // the program unpacks itself on its first run, 200 MB: one copy for all homes
      XDG_CACHE_HOME: join(place.modules, '../cache'),
    };
  },
  flags: () => ['--allow-all'],
  edit(place) {
    const path = join(place.cwd, 'src/index.js');
    const config = { path: join(place.cwd, 'config.json'), file_text: '{"port":8080}\n' };
    return [
      `CALL: view ${JSON.stringify({ path })}`,
      `CALL: edit ${JSON.stringify({ path, old_str: EDIT_FROM, new_str: EDIT_TO })}`,
      `CALL: create ${JSON.stringify(config)}`,
    ].join('\n');
  },
  image: 'prompt',
  start(place, prompt, image) {
    const shown = image === undefined ? [] : [`--attachment=${image}`];
    return { argv: ['copilot', ...(recipe.flags?.(place) ?? []), ...shown, `--prompt=${prompt}`] };
  },
  list: {
    run: () => ({ argv: ['node', '--input-type=module', '-e', LIST] }),
    sessions: (stdout) =>
      (asArray(asObject(parseObject(stdout)?.result)?.sessions) ?? []).filter(isObject).map((row) => ({
        id: asText(row.sessionId),
        title: asText(row.title),
        cwd: asText(row.cwd),
        updated: asText(row.updatedAt),
      })),
  },
  withoutHarness(text, role) {
    if (role !== 'user') return text;
    // labels that Copilot puts before the images of a prompt; the last one is segue's, for a prompt that is only images
    if (/^(?:Image file at path [^\n]*|Attached image|\[image\])$/.test(text)) return '';
    return text.replace(/^<current_datetime>[^<]*<\/current_datetime>\n\n/, '');
  },
};
