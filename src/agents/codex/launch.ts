/** Starting and resuming Codex (command lines measured on 0.169.0 and 0.98.0). */
import type { CommandLine, Launch, LaunchRequest } from '../contract.ts';

export const launch: Launch = {
  start: (request) => command(request, []),
  // resume takes any text for an id and silently starts afresh: callers pass the id of a session that they have read
  resume: (session, request) => command(request, ['resume'], session.id),
  version: ['codex', '--version'],
  install: 'npm install -g @openai/codex',
  contextTokens: 258_400,
  flags: {
    model: (name) => ['-m', name],
    modelNames: /^(?:gpt-|o\d|codex)/,
    yolo: ['--dangerously-bypass-approvals-and-sandbox'],
    yoloSandboxed: ['-c', 'approval_policy="never"', '-c', 'sandbox_mode="workspace-write"'],
    autoEdit: ['-c', 'sandbox_mode="workspace-write"'],
    readOnly: ['-c', 'sandbox_mode="read-only"'],
    sandbox: ['-c', 'sandbox_mode="workspace-write"'],
    addDirs: (dirs) => ['-c', `sandbox_workspace_write.writable_roots=${JSON.stringify(dirs)}`],
  },
};

/** Flags come before `--`, so that a prompt or id is never taken for one. */
function command(request: LaunchRequest, subcommand: string[], id?: string): CommandLine {
  const { cwd, prompt, headless = false, flags = [] } = request;
  // exec refuses to run outside a git repository, where a session may well have been
  const mode = headless ? ['exec', ...subcommand, '--skip-git-repo-check'] : subcommand;
  const words = [id, prompt].filter((word) => word !== undefined);
  const argv = ['codex', ...mode, ...flags, ...(words.length > 0 ? ['--', ...words] : [])];
  return headless ? { argv, cwd, stdin: 'ignore' } : { argv, cwd };
}
