#!/usr/bin/env node
// Plain ES2020 and committed: it must start on any Node, and before anything was built.
const [major, minor] = process.versions.node.split('.').map(Number);
const bundle = new URL('../dist/cli.js', import.meta.url);

if (major < 22 || (major === 22 && minor < 16)) {
  fail(`segue needs Node 22.16 or newer, this is ${process.versions.node}: https://nodejs.org`);
} else if (!process.getBuiltinModule('node:fs').existsSync(bundle)) {
  fail('segue is not built yet: npm ci && npm run build');
} else {
  process.getBuiltinModule('node:module').enableCompileCache();
  import(bundle.href);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
