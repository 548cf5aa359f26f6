/** Sessions that the real agents wrote (the fixtures of their readers), annotated by hand. */
import { fileURLToPath } from 'node:url';
import { type AgentId, loadAgent } from '../../src/agents/registry.ts';
import type { Annotated, Fact, Stale } from './annotated.ts';

interface Sample {
  agent: AgentId;
  fixture: string;
  /** Beginning of the session's id, where a fixture holds several. */
  id?: string;
  facts: Fact[];
  stale?: Stale[];
}

const samples: Sample[] = [
  {
    agent: 'claude',
    fixture: 'edit',
    facts: [
      { kind: 'goal', words: ['Create a config file and change the port.'] },
      { kind: 'file', words: ['changed', 'src/index.js'] },
      { kind: 'net change', words: ['src/index.js', '-listen(3000)', '+listen(8080)'] },
      { kind: 'file', words: ['created', 'config.json'] },
      { kind: 'net change', words: ['config.json', '{"port":8080}'] },
      { kind: 'end', words: ['MOCK-REPLY #4 (saw 8 messages)'] },
    ],
  },
  {
    agent: 'claude',
    fixture: 'tools-2.1.197',
    facts: [
      { kind: 'goal', words: ['show me the package version'] },
      { kind: 'change of goal', words: ['Now the failing one.'] },
      { kind: 'command', words: ['ls /does-not-exist', 'exit 2'] },
      { kind: 'error', words: ["ls: cannot access '/does-not-exist': No such file or directory"] },
      { kind: 'end', words: ['MOCK-REPLY #83 (saw 8 messages)'] },
    ],
  },
  {
    agent: 'claude',
    fixture: 'subagent',
    id: '89de3bcc',
    facts: [
      { kind: 'goal', words: ['Delegate a look at the sources.'] },
      // it ran in the background: its words stand in its own session
      { kind: 'subagent result', words: ['Inspect sources', 'MOCK-REPLY #8 (saw 5 messages)'] },
      { kind: 'end', words: ['MOCK-REPLY #9 (saw 6 messages)'] },
    ],
  },
  {
    agent: 'claude',
    fixture: 'tasks',
    facts: [
      { kind: 'goal', words: ['Plan it.'] },
      { kind: 'end', words: ['MOCK-REPLY #21 (saw 8 messages)'] },
    ],
    // the call that would have set the plan was refused
    stale: [{ section: 'Plan', words: ['Write tests'] }],
  },
  {
    agent: 'claude',
    fixture: 'compact',
    facts: [
      { kind: 'goal', words: ['Explain the server file.'] },
      { kind: 'change of goal', words: ['Now outline a persistence layer.'] },
      { kind: 'change of goal', words: ['Continue after the summary.'] },
      { kind: 'end', words: ['MOCK-REPLY #14 (saw 5 messages)'] },
    ],
  },
  {
    agent: 'claude',
    fixture: 'limit',
    facts: [
      { kind: 'goal', words: ['Please add a DELETE endpoint.'] },
      { kind: 'end', words: ['Stopped by a limit'] },
    ],
  },
  {
    agent: 'codex',
    fixture: 'edit',
    facts: [
      { kind: 'goal', words: ['Change the port and add notes.'] },
      { kind: 'net change', words: ['changed src/index.js', '-}).listen(3000);', '+}).listen(8080);'] },
      { kind: 'net change', words: ['created notes.md', '+hello'] },
      { kind: 'end', words: ['MOCK-REPLY #99 (saw 6 messages)'] },
    ],
  },
  {
    agent: 'codex',
    fixture: 'legacy-0.98.0',
    facts: [
      { kind: 'goal', words: ['show me the package version'] },
      { kind: 'change of goal', words: ['Now the failing one.'] },
      { kind: 'command', words: ['ls /does-not-exist', 'exit 2'] },
      { kind: 'end', words: ['MOCK-REPLY #7 (saw 15 messages)'] },
    ],
  },
  {
    agent: 'codex',
    fixture: 'limit-windows',
    facts: [
      { kind: 'goal', words: ['Add paging.'] },
      { kind: 'change of goal', words: ['And sorting.'] },
      { kind: 'end', words: ['Stopped by a limit'] },
    ],
  },
  {
    agent: 'gemini',
    fixture: 'edit',
    facts: [
      { kind: 'goal', words: ['Write a file.'] },
      { kind: 'change of goal', words: ['Edit it.'] },
      {
        kind: 'net change',
        words: ['created src/done.js', '+export const done = t => { t.done = true; return t; };'],
      },
      { kind: 'end', words: ['MOCK-REPLY #25 (saw 7 messages)'] },
    ],
    stale: [{ section: 'Files changed', words: ['{ t.done = true; };'] }],
  },
  {
    agent: 'gemini',
    fixture: 'tools-0.61.0',
    facts: [
      { kind: 'goal', words: ['Try the tools.'] },
      { kind: 'net change', words: ['created src/done.js', '+export const done = 2;'] },
      { kind: 'plan step', words: ['[~] one'] },
      { kind: 'plan step', words: ['[ ] two'] },
      { kind: 'end', words: ['all done'] },
    ],
    stale: [{ section: 'Files changed', words: ['done = 1;'] }],
  },
  {
    agent: 'qwen',
    fixture: 'tools-0.24.4',
    facts: [
      { kind: 'goal', words: ['Try the tools.'] },
      { kind: 'net change', words: ['created src/done.js', '+export const done = 2;'] },
      { kind: 'end', words: ['all done'] },
    ],
    stale: [{ section: 'Plan', words: ['one'] }],
  },
  {
    agent: 'opencode',
    fixture: 'edit',
    facts: [
      { kind: 'goal', words: ['Create a validator module.'] },
      { kind: 'change of goal', words: ['Update the readme.'] },
      { kind: 'net change', words: ['created src/validate.js', 't.title.length > 0;'] },
      { kind: 'net change', words: ['changed README.md', '+A tiny in-memory todo service with validation.'] },
      { kind: 'plan step', words: ['[~] Write tests'] },
      { kind: 'plan step', words: ['[ ] Ship'] },
      { kind: 'end', words: ['MOCK-REPLY #28 (saw 24 messages)'] },
    ],
  },
  {
    agent: 'opencode',
    fixture: 'subagent',
    id: 'ses_dfbc0867',
    facts: [
      { kind: 'goal', words: ['Delegate this.'] },
      { kind: 'subagent result', words: ['Count routes', 'MOCK-REPLY #31 (saw 2 messages)'] },
      { kind: 'end', words: ['MOCK-REPLY #32 (saw 4 messages)'] },
    ],
  },
  {
    agent: 'pi',
    fixture: 'edit',
    facts: [
      { kind: 'goal', words: ['Create a validator module.'] },
      { kind: 'net change', words: ['created src/validate.js', 't.title.length > 0;'] },
      { kind: 'net change', words: ['changed README.md', '+A tiny in-memory todo service with validation.'] },
      { kind: 'end', words: ['MOCK-REPLY #22 (saw 20 messages)'] },
    ],
  },
  {
    agent: 'kilo',
    fixture: 'tools',
    facts: [
      { kind: 'goal', words: ['Please list the sources.'] },
      { kind: 'command', words: ['cat config/missing.json; exit 3', 'exit 3'] },
      { kind: 'end', words: ['MOCK-REPLY #5 (saw 8 messages)'] },
    ],
  },
  {
    agent: 'continue',
    fixture: 'edit',
    facts: [
      { kind: 'goal', words: ['Create the notes file.'] },
      { kind: 'net change', words: ['created NOTES.md', '+hello'] },
      { kind: 'error', words: ['NOTES.md', 'Tool Edit not found'] },
      { kind: 'end', words: ['MOCK-REPLY #39 (saw 12 messages)'] },
    ],
    stale: [{ section: 'Files changed', words: ['goodbye'] }],
  },
];

/** The samples, read by their agents' readers. */
export async function realSessions(): Promise<Annotated[]> {
  const sessions: Annotated[] = [];
  for (const { agent: name, fixture, id = '', facts, stale = [] } of samples) {
    const agent = await loadAgent(name);
    const home = fileURLToPath(new URL(`../../src/agents/${name}/fixtures/${fixture}`, import.meta.url));
    const env = { home, vars: {}, platform: 'linux' as const };
    const ref = agent
      .discover({ env })
      .refs.find((known) => known.id.startsWith(id) && known.parent === undefined);
    if (ref === undefined) throw new Error(`no session in ${name}/${fixture}`);
    sessions.push({
      name: `${name} ${fixture}`,
      group: 'real',
      session: agent.read(ref, { env }),
      facts,
      stale,
    });
  }
  return sessions;
}
