/** Installs pinned agents from npm into a cache outside the repository. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseObject } from '../../src/model/narrow.ts';
import { runProcess } from './process.ts';
import { versions } from './versions.ts';

/** `$SEGUE_CONFORMANCE_CACHE`, else `segue/conformance` in the cache folder of the operating system. */
export function cacheDir(): string {
  if (process.env.SEGUE_CONFORMANCE_CACHE) return process.env.SEGUE_CONFORMANCE_CACHE;
  const base =
    process.platform === 'darwin'
      ? join(homedir(), 'Library', 'Caches')
      : process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'segue', 'conformance');
}

const INSTALL_MS = 10 * 60_000;

/** `node_modules` of an installed agent; installs it when it is not there. Throws when it cannot be installed. */
export async function install(id: string, version: string, say: (line: string) => void): Promise<string> {
  const pinned = versions[id];
  if (pinned === undefined) throw new Error(`${id} is not in versions.ts`);
  const folder = join(cacheDir(), `${id}-${version}`);
  const modules = join(folder, 'node_modules');
  const patch = version.split('.').at(-1) ?? '';
  const extra = (pinned.extra ?? []).map((e) => e.replace('VERSION', version).replace('PATCH', patch));
  const wanted = [`${pinned.package}@${version}`, ...extra];
  if (isInstalled(modules, wanted, pinned.bin)) return modules;
  say(`installing ${wanted.join(' ')}`);
  if (Number(process.versions.node.split('.')[0]) < (pinned.node ?? 0))
    throw new Error(`starts on Node ${pinned.node} or newer`);
  // beside its place, so that a run at the same time never sees half an installation
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  // npm run sets variables that would make this npm act on the repository
  for (const name of Object.keys(env)) if (/^(npm_|INIT_CWD$|NODE_ENV$)/.test(name)) delete env[name];
  const argv = [
    'npm',
    'install',
    '--prefix',
    fresh,
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...wanted,
  ];
  const outcome = await runProcess(argv, { cwd: fresh, env, timeoutMs: INSTALL_MS });
  if (!isInstalled(join(fresh, 'node_modules'), wanted, pinned.bin)) {
    const why = outcome.timedOut ? 'time limit' : (outcome.stderr.trim().split('\n').at(-1) ?? '');
    throw new Error(`cannot be installed (npm exit code ${outcome.code}): ${why.slice(0, 300)}`);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  say(`installed ${id} ${version} in ${Math.round(outcome.ms / 1000)} s`);
  return modules;
}

/** npm writes its own lock into `node_modules` last, so its presence means that the installation is whole. */
function isInstalled(modules: string, wanted: string[], bin: string): boolean {
  if (!existsSync(join(modules, '.package-lock.json')) || !existsSync(join(modules, '.bin', bin)))
    return false;
  return wanted.every((each) => {
    const at = each.lastIndexOf('@');
    const manifest = join(modules, each.slice(0, at), 'package.json');
    return (
      existsSync(manifest) && parseObject(readFileSync(manifest, 'utf8'))?.version === each.slice(at + 1)
    );
  });
}
