/** Kilo CLI, a fork of OpenCode. Speaks OpenAI chat completions here. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseObject } from '../../../src/model/narrow.ts';
import type { Recipe } from '../recipe.ts';
import { listed, recipe as opencode } from './opencode.ts';

export const recipe: Recipe = {
  ...opencode,
  id: 'kilo',
  setup(place) {
    const own = opencode.setup(place);
    const config = parseObject(readFileSync(join(place.home, '.config/opencode/opencode.json'), 'utf8'));
    const folder = join(place.home, '.config/kilo');
    mkdirSync(folder, { recursive: true });
    // telemetry is on by default
    const quiet = { ...config, experimental: { openTelemetry: false } };
    writeFileSync(join(folder, 'kilo.json'), JSON.stringify(quiet));
    const renamed = Object.entries(own).map(([name, value]) => [name.replace('OPENCODE', 'KILO'), value]);
    return { ...Object.fromEntries(renamed), KILO_DISABLE_SESSION_INGEST: '1', KILO_NO_DAEMON: '1' };
  },
  flags: () => ['--auto'],
  start(_place, prompt, image) {
    const shown = image === undefined ? [] : ['-f', image];
    return { argv: ['kilo', 'run', '--auto', ...shown], stdin: prompt };
  },
  withoutHarness(text, role) {
    const own = opencode.withoutHarness?.(text, role) ?? text;
    // time and directory, added to each prompt when it is sent; not stored
    return role === 'user'
      ? own.replace(/\n*<environment_details>[\s\S]*?<\/environment_details>\s*/g, '')
      : own;
  },
  list: {
    run: () => ({ argv: ['kilo', 'session', 'list', '--format', 'json'] }),
    sessions: listed,
  },
  timeoutMs: 180_000,
};
