/** Flags that agents have in common → the words of one agent. Permissions never rise on the way. */
import type { Agent, FlagTable } from '../agents/contract.ts';
import { SegueError } from '../model/errors.ts';

/** How much the agent may do by itself, from least to most; undefined leaves it to the agent's own settings. */
export type Permission = 'readOnly' | 'plan' | 'autoEdit' | 'yolo';

export interface CommonFlags {
  model?: string;
  permission?: Permission;
  sandbox?: boolean;
  addDirs?: readonly string[];
}

export interface Forwarded {
  flags: string[];
  /** What was asked for and is not passed on, one line each. */
  notes: string[];
}

/**
 * Translates. What only adds comfort or rights and does not exist at the agent is left out with a note; what takes
 * rights away and does not exist there is refused (`cannot-resume`): without it the agent could do more than was asked.
 */
export function forwardFlags(agent: Agent, wanted: CommonFlags): Forwarded {
  const table = agent.launch.flags;
  const forwarded: Forwarded = { flags: [], notes: [] };
  const { flags, notes } = forwarded;

  if (wanted.model !== undefined) {
    if (table.model === undefined) notes.push(`${agent.name} takes no model on its command line`);
    else if (table.modelNames !== undefined && !table.modelNames.test(wanted.model))
      notes.push(
        `${wanted.model} is no model of ${agent.name}: its own choice stays (after -- it goes as it is)`,
      );
    else flags.push(...table.model(wanted.model));
  }
  flags.push(...permissionFlags(agent, wanted, notes));
  const dirs = wanted.addDirs ?? [];
  if (dirs.length > 0) {
    if (table.addDirs !== undefined) flags.push(...table.addDirs(dirs));
    else if (table.addDir !== undefined) flags.push(...dirs.flatMap(table.addDir));
    else notes.push(`${agent.name} takes no further directories`);
  }
  return forwarded;
}

function permissionFlags(agent: Agent, { permission, sandbox }: CommonFlags, notes: string[]): string[] {
  const table = agent.launch.flags;
  if (sandbox && table.sandbox === undefined) throw refused(agent, 'no sandbox');
  // where everything without asking means without a sandbox as well, both together have words of their own
  if (sandbox && permission === 'yolo' && table.yoloSandboxed !== undefined) return table.yoloSandboxed;
  const confined = sandbox ? (table.sandbox ?? []) : [];
  switch (permission) {
    case undefined:
      return confined;
    case 'plan':
    case 'readOnly': {
      const flags = permission === 'plan' ? (table.plan ?? table.readOnly) : (table.readOnly ?? table.plan);
      if (flags === undefined)
        throw refused(agent, permission === 'plan' ? 'no plan mode' : 'no read-only mode');
      return [...confined, ...flags];
    }
    case 'autoEdit':
      if (table.autoEdit === undefined) notes.push(`${agent.name} cannot be told to edit without asking`);
      return [...confined, ...(table.autoEdit ?? [])];
    case 'yolo':
      if (table.yolo === undefined)
        notes.push(`${agent.name} cannot be told to do everything without asking`);
      return [...confined, ...(table.yolo ?? [])];
  }
}

function refused(agent: Agent, what: string): SegueError {
  return new SegueError('cannot-resume', `${agent.name} has ${what}: it could do more than was asked`, {
    hint: `segue agents show ${agent.id} lists its flags`,
  });
}

/** Rows for people: the common flag and what the agent gets for it. */
export function flagRows(table: FlagTable): [string, string[] | undefined][] {
  return [
    ['--model NAME', table.model?.('NAME')],
    ['--yolo', table.yolo],
    ['--auto-edit', table.autoEdit],
    ['--plan', table.plan ?? table.readOnly],
    ['--read-only', table.readOnly ?? table.plan],
    ['--sandbox', table.sandbox],
    ['--add-dir DIR', table.addDirs?.(['DIR']) ?? table.addDir?.('DIR')],
  ];
}
