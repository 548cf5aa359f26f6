/** What a written session needs to know of Cline's settings. */
import { join } from 'node:path';
import { readJsonFile } from '../../io/json-file.ts';
import type { Env } from '../../io/paths.ts';
import { asObject, asText } from '../../model/narrow.ts';
import type { StoreFacts } from '../contract.ts';
import { dataDir } from './places.ts';

/** The provider and model in use: a manifest must name some. */
export function probe(env: Env): StoreFacts {
  const path = env.vars.CLINE_PROVIDER_SETTINGS_PATH ?? join(dataDir(env), 'settings', 'providers.json');
  const settings = asObject(readJsonFile(path));
  const provider = asText(settings?.lastUsedProvider);
  if (provider === undefined) return {};
  const used = asObject(asObject(asObject(settings?.providers)?.[provider])?.settings);
  const model = asText(used?.model);
  return { provider, ...(model === undefined ? {} : { model }) };
}
