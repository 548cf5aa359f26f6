/** Cline's command line. Its own provider is used, pointed to the endpoint: it speaks OpenAI chat completions. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asArray, asObject, asText, isObject, parseJson } from '../../../src/model/narrow.ts';
import { EDIT_FROM, EDIT_TO, type Recipe } from '../recipe.ts';

/** Cline resumes headless only for programs: over the Agent Client Protocol, one request after the other. */
const RESUME = `
import { spawn } from 'node:child_process';
const [sessionId, cwd, text] = process.argv.slice(1);
const child = spawn('cline', ['--acp'], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
const waiting = new Map();
const heard = (line) => {
  if (!line.startsWith('{')) return;
  const { id, method, params, ...answer } = JSON.parse(line);
  if (method === undefined) waiting.get(id)?.(answer);
  else if (id !== undefined) {
    // it asks before each tool
    const { optionId } = params.options.find(({ kind }) => kind === 'allow_always') ?? params.options[0];
    send({ id, result: { outcome: { outcome: 'selected', optionId } } });
  }
};
let rest = '';
child.stdout.setEncoding('utf8').on('data', (text) => {
  // not by readline, which also splits at U+2028
  const lines = (rest + text).split('\\n');
  rest = lines.pop();
  lines.forEach(heard);
});
const send = (message) => child.stdin.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
let count = 0;
const ask = (method, params) =>
  new Promise((resolve, reject) => {
    const id = ++count;
    waiting.set(id, (answer) => (answer.error ? reject(new Error(JSON.stringify(answer.error))) : resolve(answer)));
    send({ id, method, params });
  });
try {
  await ask('initialize', { protocolVersion: 1, clientCapabilities: {} });
  await ask('session/load', { sessionId, cwd, mcpServers: [] });
  await ask('session/prompt', { sessionId, prompt: [{ type: 'text', text }] });
} finally {
  child.on('exit', () => process.exit());
  child.stdin.end();
  setTimeout(() => process.exit(), 5000);
}`;

const MODEL = 'anthropic/claude-sonnet-4.6';

export const recipe: Recipe = {
  id: 'cline',
  setup(place) {
    const folder = join(place.home, '.cline/data/settings');
    mkdirSync(folder, { recursive: true });
    const cline = {
      settings: { provider: 'cline', model: MODEL, apiKey: 'test-key', baseUrl: `${place.url}/v1` },
      updatedAt: '2026-01-01T00:00:00.000Z',
      tokenSource: 'manual',
    };
    const providers = { version: 1, lastUsedProvider: 'cline', modes: {}, providers: { cline } };
    writeFileSync(join(folder, 'providers.json'), JSON.stringify(providers));
    return {
      CLINE_API_KEY: 'test-key',
      // without it each run leaves a program in the background
      CLINE_SESSION_BACKEND_MODE: 'local',
      NO_COLOR: '1',
    };
  },
  edit(place) {
    const path = join(place.cwd, 'src/index.js');
    const config = { path: join(place.cwd, 'config.json'), new_text: '{"port":8080}\n' };
    return [
      `CALL: read_files ${JSON.stringify({ files: [{ path }] })}`,
      `CALL: editor ${JSON.stringify({ path, old_text: EDIT_FROM, new_text: EDIT_TO })}`,
      `CALL: editor ${JSON.stringify(config)}`,
    ].join('\n');
  },
  image: (_place, path) => `CALL: read_files ${JSON.stringify({ files: [{ path }] })}`,
  resume: (place, session, prompt) => ({
    argv: ['node', '--input-type=module', '-e', RESUME, session.id, place.cwd, prompt],
  }),
  resultText: (text) => plain(parseJson(text)) ?? text,
  list: {
    run: () => ({ argv: ['cline', 'history', '--json', '--limit', '100'] }),
    sessions: (stdout) =>
      (asArray(parseJson(stdout)) ?? []).filter(isObject).map((row) => ({
        id: asText(row.sessionId),
        title: asText(asObject(row.metadata)?.title) ?? asText(row.prompt),
        cwd: asText(row.cwd),
        updated: asText(row.endedAt),
      })),
  },
};

/** Elements of a result, and the texts around them; undefined when it is neither. */
function plain(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const texts = value.map((item) => (typeof item === 'string' ? item : plain(item)));
    return texts.every((text) => text !== undefined) ? texts.join('\n') : undefined;
  }
  if (!isObject(value)) return undefined;
  if (value.type === 'text' && typeof value.text === 'string')
    return plain(parseJson(value.text)) ?? value.text;
  if (!('query' in value) || !('result' in value)) return undefined;
  const result = typeof value.result === 'string' ? value.result : plain(value.result);
  return [result, value.error].filter((text) => typeof text === 'string' && text !== '').join('\n');
}
