/** Writes schema/*.json (JSON Schema, draft 7) from the types. `--check` fails when they are not current. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'schema');

/** File name → where the type is. */
const roots = {
  'session-1': ['src/model/document.ts', 'SessionEnvelope'],
  'list-1': ['src/index/list.ts', 'ListEnvelope'],
  'transfer-1': ['src/transfer/envelope.ts', 'TransferEnvelope'],
  'receipts-1': ['src/transfer/envelope.ts', 'ReceiptList'],
  'undo-1': ['src/transfer/types.ts', 'UndoResult'],
  'launch-1': ['src/cli/commands/resume.ts', 'LaunchEnvelope'],
  'agents-1': ['src/launch/states.ts', 'AgentsEnvelope'],
  'doctor-1': ['src/doctor/check.ts', 'DoctorEnvelope'],
  'handoff-1': ['src/cli/commands/handoff.ts', 'HandoffEnvelope'],
  'search-1': ['src/cli/commands/search.ts', 'SearchEnvelope'],
  'files-1': ['src/cli/commands/files.ts', 'FilesEnvelope'],
  'scan-1': ['src/index/scan.ts', 'ScanEnvelope'],
  'index-1': ['src/cli/commands/index.ts', 'IndexEnvelope'],
  'config-1': ['src/cli/commands/config.ts', 'ConfigEnvelope'],
  'error-1': ['src/model/errors.ts', 'ErrorEnvelope'],
} as const;

const check = process.argv.includes('--check');
mkdirSync(folder, { recursive: true });
for (const [name, [path, type]] of Object.entries(roots)) {
  const generator = createGenerator({
    path: join(root, path),
    tsconfig: join(root, 'tsconfig.json'),
    type,
    topRef: false,
    additionalProperties: true, // envelopes are additive
    skipTypeCheck: true,
  });
  const { $schema, ...schema } = generator.createSchema(type);
  const text = `${JSON.stringify({ $schema, title: `segue.${name.replace('-', '/')}`, ...schema }, undefined, 2)}\n`;
  const target = join(folder, `${name}.json`);
  if (!check) writeFileSync(target, text);
  else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
    console.error(`schema/${name}.json is not current: run npm run generate`);
    process.exitCode = 1;
  }
}
