/** Common flags of a command line (`--yolo`, `--approval-mode plan`, …) in the form that `launch/forward.ts` takes. */
import type { CommonFlags, Permission } from '../launch/forward.ts';
import { SegueError } from '../model/errors.ts';
import type { OptionValues } from './invocation.ts';

const MODES: Record<string, Permission | undefined> = {
  default: undefined,
  plan: 'plan',
  auto_edit: 'autoEdit',
  'auto-edit': 'autoEdit',
  acceptEdits: 'autoEdit',
  yolo: 'yolo',
  bypassPermissions: 'yolo',
};

/** Throws `bad-usage` when two levels of permission are asked for. */
export function commonFlags(options: OptionValues): CommonFlags {
  const sandbox = options.text('sandbox');
  const asked: [string, Permission | undefined][] = [
    ['--read-only', options.has('read-only') || sandbox === 'read-only' ? 'readOnly' : undefined],
    ['--plan', options.has('plan') ? 'plan' : undefined],
    ['--auto-edit', options.has('auto-edit') ? 'autoEdit' : undefined],
    ['--yolo', options.has('yolo') ? 'yolo' : undefined],
    ['--approval-mode', MODES[options.text('approval-mode') ?? '']],
    ['--permission-mode', MODES[options.text('permission-mode') ?? '']],
  ];
  const given = asked.filter((item): item is [string, Permission] => item[1] !== undefined);
  const levels = new Set(given.map(([, permission]) => permission));
  if (levels.size > 1) {
    throw new SegueError('bad-usage', `${given.map(([name]) => name).join(' and ')} contradict each other`);
  }
  if (sandbox === 'danger-full-access') {
    throw new SegueError('bad-usage', '--sandbox danger-full-access is never translated', {
      hint: "put the agent's own flag after --",
    });
  }
  return {
    model: options.text('model'),
    permission: given[0]?.[1],
    sandbox: sandbox === 'on' || sandbox === 'workspace-write',
    addDirs: options.texts('add-dir'),
  };
}
