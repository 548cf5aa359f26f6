/** What is measured beside segue, as plain JavaScript: stripping types takes as long as starting. */
import { join } from 'node:path';
import { build } from 'esbuild';

/** Compiles modules of this folder into another one; returns where each is. */
export async function compileTools(names: readonly string[], into: string): Promise<string[]> {
  await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: names.map((name) => `${name}.ts`),
    outdir: into,
    bundle: true,
    platform: 'node',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
  return names.map((name) => join(into, `${name}.mjs`));
}
