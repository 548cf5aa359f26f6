/** Qwen Code. Speaks OpenAI chat completions here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asNumber, asText, parseObject } from '../../../src/model/narrow.ts';
import { EDIT_FROM, EDIT_TO, type Recipe } from '../recipe.ts';

export const recipe: Recipe = {
  id: 'qwen',
  setup(place) {
    mkdirSync(join(place.home, '.qwen'), { recursive: true });
    const model = 'mock-model';
    const settings = {
      security: { auth: { selectedType: 'openai' } },
      // the odd session's 3 MB would be summarised, and images withheld from a model that is not known to take them
      model: {
        name: model,
        generationConfig: { contextWindowSize: 4_000_000, modalities: { image: true }, splitToolMedia: true },
      },
      // with more than half a million characters of results it would clear the old ones
      context: { clearContextOnIdle: { toolResultsThresholdMinutes: -1 } },
      general: { enableAutoUpdate: false },
      privacy: { usageStatisticsEnabled: false },
      memory: { enableManagedAutoMemory: false },
    };
    writeFileSync(join(place.home, '.qwen/settings.json'), JSON.stringify(settings));
    return {
      OPENAI_API_KEY: 'test-key',
      OPENAI_BASE_URL: `${place.url}/v1`,
      OPENAI_MODEL: model,
      QWEN_TELEMETRY_ENABLED: 'false',
      QWEN_CODE_SUPPRESS_YOLO_WARNING: '1',
      NO_COLOR: '1',
    };
  },
  flags: () => ['--approval-mode', 'yolo'],
  tui: { leave: ['/quit', '\r'] },
  edit: ({ cwd }) => {
    const file_path = join(cwd, 'src/index.js');
    const write = { file_path: join(cwd, 'config.json'), content: '{"port":8080}\n' };
    return [
      `CALL: read_file ${JSON.stringify({ file_path })}`,
      `CALL: edit ${JSON.stringify({ file_path, old_string: EDIT_FROM, new_string: EDIT_TO })}`,
      `CALL: write_file ${JSON.stringify(write)}`,
    ].join('\n');
  },
  withoutHarness(text, role) {
    // older versions begin with an exchange about the project
    if (role === 'assistant') return text === 'Got it. Thanks for the context!' ? '' : text;
    if (text.startsWith('This is the Qwen Code. We are setting up the context')) return '';
    // what it puts before images that a tool returned: a message of their own
    if (/^\(attached media from previous tool call\)\n?$/.test(text)) return '';
    return text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>\n?/g, '');
  },
  image: (_place, path) => `CALL: read_file ${JSON.stringify({ file_path: path })}`,
  // after an image the last user text is the agent's own, not the prompt
  pick: (requests, probe) =>
    requests.findLast(
      ({ request }) =>
        request !== undefined &&
        request.tools.length > 0 &&
        request.items.some(
          (item) => item.kind === 'text' && item.role === 'user' && item.text.includes(probe),
        ),
    ),
  list: {
    // older versions have no such command
    run: (place) =>
      place.version.startsWith('0.15.') ? undefined : { argv: ['qwen', 'sessions', 'list', '--json'] },
    sessions: (stdout) =>
      stdout.split('\n').flatMap((line) => {
        const row = parseObject(line);
        if (row === undefined) return [];
        const title = asText(row.customTitle) ?? asText(row.prompt);
        return { id: asText(row.sessionId), title, cwd: asText(row.cwd), updated: asNumber(row.mtime) };
      }),
  },
};
