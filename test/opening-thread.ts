/** A thread that opens one new database after the other, each at the same time as the other threads. */
import { workerData } from 'node:worker_threads';
import { openOwn } from '../src/io/sqlite.ts';

export interface OpeningData {
  paths: string[];
  threads: number;
  /** For each path, how many threads are ready for it. */
  ready: SharedArrayBuffer;
}

const { paths, threads, ready } = workerData as OpeningData;
const counts = new Int32Array(ready);
for (const [n, path] of paths.entries()) {
  Atomics.add(counts, n, 1);
  // awake, so that all go on at once
  while (Atomics.load(counts, n) < threads);
  const database = openOwn(path);
  database.transaction(() => database.exec('CREATE TABLE IF NOT EXISTS seen (thread)'));
  database.run('INSERT INTO seen VALUES (1)');
  database.close();
}
