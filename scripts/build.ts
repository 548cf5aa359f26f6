/** Builds dist/: the command and the library as one set of ES modules, and with `--types` the declarations. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
/** What nearly every command needs. */
const FINDING = ['src/cli/main.ts', 'src/cli/commands/list.ts'];
/** What has to start without it. */
const ALONE = ['src/cli/start.ts', 'src/cli/help.ts'];
const BUILTIN_IMPORT = /^import \{([^}]*)\} from '(node:[\w/]+)';/gm;
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const options = {
  absWorkingDir: root,
  entryPoints: {
    cli: 'src/cli/start.ts',
    index: 'src/public/index.ts',
    'index-thread': 'src/index/index-thread.ts',
    'refresh-thread': 'src/index/refresh-thread.ts',
  },
  outdir: dist,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  mainFields: ['module', 'main'], // helpers for CommonJS would be a file that everything loads
  charset: 'utf8',
  target: 'node22.16',
  minifySyntax: true,
  minifyWhitespace: true, // names stay, so that the stack in a report of a bug can be read
  // its CommonJS build, which Node would get, cannot be bundled into ES modules
  alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
  legalComments: 'none', // dist/THIRD-PARTY-LICENSES.txt has them
  define: { SEGUE_VERSION: JSON.stringify(version) },
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions;
const { metafile } = await build({ ...options, write: false });
const result = await build({
  ...options,
  plugins: [together(metafile), builtins(Object.keys(metafile.inputs))],
});
removeStale(new Set(Object.keys(result.metafile.outputs).map((path) => join(root, path))));
copyFileSync(join(root, 'src/handoff/o200k.generated.bin'), join(dist, 'o200k.bin'));
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences(Object.keys(result.metafile.inputs)));

if (process.argv.includes('--types')) {
  rmSync(join(dist, 'types'), { recursive: true, force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
  for (const path of declarations()) {
    const text = readFileSync(path, 'utf8');
    // the sources import each other with .ts, which only exists there
    writeFileSync(path, text.replace(/(from '|import\(')(\.{1,2}\/[^']+)\.ts'/g, "$1$2.js'"));
  }
}

/**
 * Makes one file of what finding sessions needs. A module lands in a file with those that are used by exactly the same entry
 * points, and reading fifty small files takes longer than running them: every part that is loaded later says that it needs
 * all of that, which is loaded already.
 */
function together({ outputs }: Metafile): Plugin {
  const entries = Object.values(outputs).flatMap(({ entryPoint }) => entryPoint ?? []);
  const later = entries.filter((path) => path.startsWith('src/') && !ALONE.includes(path));
  const code = FINDING.map((path) => `import ${JSON.stringify(`./${path}`)};`).join('');
  return {
    name: 'together',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^segue:finding$/ }, () => ({ path: 'finding', namespace: 'segue' }));
      onLoad({ filter: /./, namespace: 'segue' }, () => ({ contents: code, resolveDir: root }));
      onLoad({ filter: /\.ts$/ }, ({ path }) =>
        later.includes(relative(root, path).replaceAll('\\', '/'))
          ? { contents: `${readFileSync(path, 'utf8')}\nimport 'segue:finding';`, loader: 'ts' }
          : undefined,
      );
    },
  };
}

/**
 * Takes Node's own modules by `process.getBuiltinModule`. An import statement reads every export once, and reading those of
 * `node:fs` and `node:util` loads file streams, promises and decoders, which takes a twentieth of a short command.
 */
function builtins(inputs: readonly string[]): Plugin {
  const used = new Map<string, Set<string>>();
  for (const input of inputs.filter((path) => path.startsWith('src/')))
    for (const [, names = '', module = ''] of readFileSync(join(root, input), 'utf8').matchAll(
      BUILTIN_IMPORT,
    ))
      for (const name of names.split(',').map((each) => each.trim()))
        if (name !== '' && !name.startsWith('type '))
          used.set(module, (used.get(module) ?? new Set()).add(name.replace(/ as .*/, '')));
  return {
    name: 'builtins',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin', sideEffects: false }));
      onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => {
        const names = [...(used.get(path) ?? [])].sort().join(', ');
        return { contents: `export const { ${names} } = process.getBuiltinModule(${JSON.stringify(path)});` };
      });
    },
  };
}

function declarations(): string[] {
  return readdirSync(join(dist, 'types'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => join(dist, 'types', name));
}

/** Chunks of earlier builds; removed after the new ones are in place, so that a running command still finds its own. */
function removeStale(fresh: ReadonlySet<string>): void {
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const path = join(dist, name);
    if (name.endsWith('.js') && !fresh.has(path)) rmSync(path);
  }
}

/** Licences of what was bundled, and of the tokens. */
function licences(inputs: readonly string[]): string {
  const packages = new Set<string>();
  for (const input of inputs) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (name !== undefined) packages.add(name);
  }
  const texts = [...packages].sort().map((name) => {
    const folder = join(root, 'node_modules', name);
    const facts = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      version: string;
      license: string;
    };
    const file = readdirSync(folder).find((item) => /^licen[cs]e/i.test(item));
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
    return `${name} ${facts.version} (${facts.license})\n\n${text}\n`;
  });
  const tokens = readFileSync(join(root, 'src/handoff/o200k.LICENSE'), 'utf8').trim();
  texts.push(
    `o200k_base (MIT): dist/o200k.bin is made from this vocabulary of OpenAI's tiktoken\n\n${tokens}\n`,
  );
  return ['segue contains code and data of these packages.\n', ...texts].join(`\n${'-'.repeat(80)}\n\n`);
}
