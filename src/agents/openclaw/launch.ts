/** How OpenClaw is started and resumed. Headless resume is measured with 2026.9.6; the terminal interface is read in its help. */
import { randomUUID } from 'node:crypto';
import type { CommandLine, Launch, LaunchRequest } from '../contract.ts';

export const launch: Launch = {
  start: (request) => (request.prompt === undefined ? undefined : command(randomUUID(), 'main', request)),
  resume: ({ id, path }, request) => command(id, agentOf(path), request),
  version: ['openclaw', '--version'],
  flags: {},
  install: 'npm install -g openclaw',
};

/**
 * Headless by session id. The interface takes keys: this is the key that `--session-id` gives, and the one of transferred
 * sessions.
 */
function command(id: string, agentId: string, request: LaunchRequest): CommandLine {
  const { prompt, flags = [], cwd } = request;
  const message = prompt === undefined ? [] : ['--message', prompt];
  const argv = request.headless
    ? ['openclaw', 'agent', '--local', '--session-id', id, ...flags, ...message]
    : ['openclaw', 'tui', '--local', '--session', `agent:${agentId}:explicit:${id}`, ...flags, ...message];
  return { argv, cwd };
}

/** The gateway's agent that a store belongs to. */
function agentOf(path: string): string {
  return /[\\/]agents[\\/]([^\\/]+)[\\/](?:agent|sessions)[\\/][^\\/]+$/.exec(path)?.[1] ?? 'main';
}
