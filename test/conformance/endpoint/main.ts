/** `node test/conformance/endpoint/main.ts [--port N] [--log FILE]`: prints the port, runs until it is stopped. */
import { parseArgs } from 'node:util';
import { startEndpoint } from './server.ts';

const { values } = parseArgs({ options: { port: { type: 'string' }, log: { type: 'string' } } });
const endpoint = await startEndpoint({ port: Number(values.port ?? 0), log: values.log });
process.stdout.write(`${endpoint.port}\n`);
