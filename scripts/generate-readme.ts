/** Writes the generated sections of README.md: commands, exit codes, agents. `--check` fails when they are not current. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { proofs } from '../src/agents/proven.ts';
import { loadAgents } from '../src/agents/registry.ts';
import { commands } from '../src/cli/commands.ts';
import { usageOf } from '../src/cli/help.ts';
import { exitMeanings } from './exit-meanings.ts';

const path = join(import.meta.dirname, '../README.md');
const agents = await loadAgents();

const sections: Record<string, string[]> = {
  commands: [
    '| command | what it does |',
    '|---|---|',
    ...commands
      .filter((command) => !command.hidden)
      .map((command) => `| \`segue ${cell(usageOf(command))}\` | ${cell(command.summary)} |`),
  ],
  'exit-codes': [
    '| code | meaning |',
    '|---|---|',
    ...exitMeanings.map(([code, meaning]) => `| ${code} | ${meaning} |`),
  ],
  agents: [
    '| agent | id | read | write | proven with the real program |',
    '|---|---|---|---|---|',
    ...agents.map((agent) => {
      const proven = proofs(agent.id).map(({ version, from }) => `${version} (from ${sourcesOf(from)})`);
      const writes = agent.writer === undefined ? `no: ${agent.noWriter ?? ''}` : 'yes';
      return `| ${cell(agent.name)} | \`${agent.id}\` | yes | ${cell(writes)} | ${proven.join('; ') || 'not yet'} |`;
    }),
  ],
};

const text = readFileSync(path, 'utf8');
let made = text;
for (const [name, lines] of Object.entries(sections)) {
  const place = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!place.test(made)) throw new Error(`README.md has no section ${name}`);
  made = made.replace(place, (_all, start: string, end: string) => `${start}${lines.join('\n')}\n${end}`);
}
if (!process.argv.includes('--check')) writeFileSync(path, made);
else if (made !== text) {
  console.error('README.md is not current: run npm run generate');
  process.exitCode = 1;
}

/** All agents are not listed one by one. */
function sourcesOf(from: readonly string[]): string {
  return agents.every(({ id }) => from.includes(id)) ? 'every agent' : from.join(', ');
}

function cell(value: string): string {
  return value.replaceAll('|', '\\|');
}
