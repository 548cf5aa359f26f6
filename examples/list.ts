/** The five newest sessions of this machine, and what stands in the way of reading others. */
import { listSessions } from 'segue-cli';

const { sessions, diagnostics } = await listSessions({ limit: 5 });
for (const { agent, id, updatedAt, title } of sessions)
  console.log(`${updatedAt} ${agent}:${id} ${title ?? ''}`);
for (const { agent, message, path } of diagnostics) console.error(`${agent}: ${message} ${path ?? ''}`);
