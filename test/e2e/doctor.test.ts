/** `doctor`: each finding with its fix, and drift without content. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addFile, addProgram, json, makeHome, samples, segue } from './segue.ts';

interface Doctor {
  findings: { check: string; level: string; message: string; fix?: string; agent?: string }[];
  drift: {
    agent: string;
    agentVersion: string;
    code: string;
    count: number;
    sessions: number;
    example: string;
  }[];
}

test('a home where all is well', async () => {
  const home = makeHome(samples);
  await segue(home, ['index']);
  const said = await segue(home, ['doctor']);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(said.stdout).toMatch(/^✓ Node \d+/);
  expect(said.stdout).toContain('✓ every store can be looked at: 4 sessions');
  expect(said.stdout).toContain('✓ no configuration, none needed');
  expect(said.stdout).toContain('✓ index is current');
  expect(said.stdout).toContain('✓ nothing unknown in the 4 newest sessions');
  expect(said.stdout).toMatch(/! Claude Code has sessions here and is not installed\n {2}npm install -g/);
});

test('what is wrong, and what to do about it', async () => {
  const home = makeHome(samples);
  addProgram(home, 'codex', '#!/bin/sh\necho "codex-cli 9.8.7"\n');
  await segue(home, ['list']);
  writeFileSync(join(home.project, '.segue.yml'), 'presett: full\n');
  const data = join(home.path, '.local/share/segue');
  chmodSync(data, 0o755);
  mkdirSync(join(data, 'journal'), { recursive: true });
  writeFileSync(join(data, 'journal', 'left'), '');
  const said = await segue(home, ['doctor', '--json']);
  expect(said.code).toBe(1);
  const { findings } = json(said) as Doctor;
  const told = findings
    .filter(({ level }) => level !== 'ok')
    .map(({ check, message }) => `${check}: ${message}`);
  expect(told).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^agent: Codex 9\.8\.7 was not proven/),
      expect.stringMatching(/^config: .*\.segue\.yml:1: unknown key "presett"/),
      'index: 4 sessions are not searchable yet',
      'journal: 1 transfers are running or were interrupted',
      "leftovers: others can look into segue's folder",
    ]),
  );
  for (const { level, fix, message } of findings)
    if (level !== 'ok') expect(fix, message).toEqual(expect.stringMatching(/\S/));
});

test('drift: counted by agent and version, with a place and without content', async () => {
  const home = makeHome(samples);
  const id = '1b03ca69-eec0-4227-88ab-aafc0ec2e6b5';
  const file = join(home.path, '.claude/projects/-home-dev-claude-todo-api', `${id}.jsonl`);
  const other = '0e0e0e0e-0000-4000-8000-000000000000';
  const odd = JSON.stringify({ type: 'hologram', sessionId: other, secret: 'told in private' });
  addFile(
    home,
    `.claude/projects/-x/${other}.jsonl`,
    `${readFileSync(file, 'utf8').replaceAll(id, other)}${odd}\n${odd}\nnot json\n`,
  );
  const said = await segue(home, ['doctor', '--json']);
  expect(said.stdout).not.toContain('told in private');
  const { drift } = json(said) as Doctor;
  expect(drift.map(({ agent, code }) => `${agent} ${code}`).sort()).toEqual([
    'claude bad-record',
    'claude unknown-record',
  ]);
  expect(drift[0]?.example).toContain(other);
  const text = await segue(home, ['doctor']);
  expect(text.stdout).toMatch(/! claude 2\.1\.330: records of type hologram are not read/);
  expect(text.stdout).toMatch(/Damage that was read around\n.*1 × claude/);
});
