/** The thread that refreshes the index (see refresh-beside.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import { discoverRefs } from './catalog.ts';
import { refresh } from './refresh.ts';
import type { RefreshData, RefreshMessage } from './refresh-beside.ts';
import { openIndex } from './store.ts';

const { env, agents } = workerData as RefreshData;
const say = (message: RefreshMessage): void => parentPort?.postMessage(message);
const catalog = await discoverRefs(env, agents);
const index = openIndex(env);
await refresh(index, catalog, agents, env, (...far) => say(far));
index.close();
say({ diagnostics: catalog.diagnostics });
