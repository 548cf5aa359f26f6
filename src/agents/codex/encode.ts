/** Prepared session → what is added to Codex's store: a rollout, a name, a row of the thread index. */
import { type Env, pathKind } from '../../io/paths.ts';
import { SegueError } from '../../model/errors.ts';
import { seededIds } from '../../model/ids.ts';
import { asText } from '../../model/narrow.ts';
import type { Session } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import { firstPrompt } from '../_shared/first-prompt.ts';
import type { EncodeTarget, PlannedRow, StoreFacts, WritePlan, Writer } from '../contract.ts';
import { readConfig } from './config.ts';
import { sessionIndexPath, stateDatabase } from './index-files.ts';
import { codexHome, rolloutPath } from './paths.ts';
import { rolloutLines, WRITTEN_VERSION } from './rollout.ts';

export const writer: Writer = {
  accepts: {
    callId: { pattern: /^[a-zA-Z0-9_-]{1,64}$/, prefix: 'call_' },
    toolName: { pattern: /^[a-zA-Z0-9_-]+$/, maxLength: 64 },
    images: { user: true, result: true },
    reasoningVendor: 'openai',
    foreignTools: 'structured',
    compaction: true,
  },
  probe,
  encode,
};

/** `home`, `provider`, and `database` when Codex has one (without one, its first start indexes all rollouts). */
function probe(env: Env, _cwd: string): StoreFacts {
  const home = codexHome(env);
  if (env.vars.CODEX_HOME && pathKind(home) === 'missing')
    throw new SegueError('write-failed', `CODEX_HOME is ${home}, which does not exist`, {
      hint: 'Codex refuses to start with it too: make the folder, or unset CODEX_HOME',
    });
  const database = stateDatabase(home, env);
  const { provider } = readConfig(home, env);
  return database === undefined ? { home, provider } : { home, provider, database };
}

function encode(session: Session, target: EncodeTarget): WritePlan {
  const { cwd, now, store } = target;
  const home = asText(store.home) ?? codexHome(target.env);
  const id = target.ids.uuid7(now.getTime());
  const seed = new TextEncoder().encode(target.ids.short(32));
  const path = rolloutPath(home, id, now);
  const title = target.title === undefined ? '' : oneLine(target.title, 200);
  const name = { id, thread_name: title, updated_at: now.toISOString() };
  const database = asText(store.database);
  return {
    agent: 'codex',
    sessionId: id,
    ref: { path },
    files: [
      {
        path,
        content: () => rolloutLines(session, { id, cwd, now, ids: seededIds(seed, now.getTime()) }),
      },
    ],
    lines: title === '' ? [] : [{ path: sessionIndexPath(home), line: JSON.stringify(name) }],
    members: [],
    rows: () => (database === undefined ? [] : [threadRow(session, target, { id, path, title, database })]),
  };
}

/** Row of the thread index: with it the picker and `--last` list the session (form of 0.169.0; missing columns are left out). */
function threadRow(
  session: Session,
  { cwd, now, store }: EncodeTarget,
  { id, path, title, database }: { id: string; path: string; title: string; database: string },
): PlannedRow {
  const ms = now.getTime();
  const seconds = Math.floor(ms / 1000);
  const prompt = firstPrompt(session, 4000) ?? (title || '[no prompt]');
  const { git } = session.info;
  return {
    database,
    table: 'threads',
    key: ['id'],
    values: {
      id,
      rollout_path: path,
      created_at: seconds,
      updated_at: seconds,
      created_at_ms: ms,
      updated_at_ms: ms,
      recency_at: seconds,
      recency_at_ms: ms,
      source: 'cli',
      thread_source: 'user',
      originator: 'codex_cli_rs',
      model_provider: asText(store.provider) ?? 'openai',
      cwd,
      title: title || prompt,
      name: title || null,
      preview: prompt,
      first_user_message: prompt,
      sandbox_policy: '{"type":"read-only"}',
      approval_mode: 'on-request',
      history_mode: 'paginated',
      cli_version: WRITTEN_VERSION,
      tokens_used: 0,
      archived: 0,
      git_sha: git?.commit ?? null,
      git_branch: git?.branch ?? null,
      git_origin_url: git?.remote ?? null,
    },
  };
}
