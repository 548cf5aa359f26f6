/** The bundle's entry. The exit code is set, not forced, so that output still on its way is not lost. */
import { main } from './main.ts';

process.exitCode = await main(process.argv.slice(2));
