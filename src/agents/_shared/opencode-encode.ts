/**
 * Prepared session → the document that `import` of OpenCode and its forks takes (the form that `export` prints).
 * The import validates every field, ties the session to the project of the directory it runs in and needs nothing else;
 * rows written directly are not validated, and one bad row can hide all of a user's sessions.
 */
import { timeMs } from '../../model/ids.ts';
import { asText } from '../../model/narrow.ts';
import type { JsonObject, Session } from '../../model/session.ts';
import { jsonLine, oneLine } from '../../model/text.ts';
import type { Acceptance, EncodeTarget, PlanNote, WritePlan } from '../contract.ts';
import { firstPrompt } from './first-prompt.ts';
import { REASONING_VENDOR } from './opencode-entries.ts';
import type { Family } from './opencode-family.ts';
import { idSequence } from './opencode-ids.ts';
import { splitModel } from './opencode-models.ts';
import { databasePath } from './opencode-places.ts';
import { FALLBACK_MODEL } from './opencode-probe.ts';
import { writeMessages } from './opencode-writer.ts';

export const accepts: Acceptance = {
  // the store takes any id; OpenAI's API takes 40 characters (measured with ids of Gemini CLI)
  callId: { pattern: /^[A-Za-z0-9_-]{1,40}$/, prefix: 'call_' },
  toolName: { pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64 },
  images: { user: true, result: true },
  reasoningVendor: REASONING_VENDOR,
  foreignTools: 'structured',
  compaction: true,
};

const TITLE_LENGTH = 100;

/** The plan: one import, run in the session's directory. */
export function encode(family: Family, session: Session, target: EncodeTarget): WritePlan {
  const nowMs = target.now.getTime();
  const ids = idSequence(target.ids, nowMs);
  const { sessionId } = ids;
  const model = asText(target.store.model) ?? FALLBACK_MODEL;
  const info = sessionInfo(family, session, target, {
    id: sessionId,
    slug: `segue-${target.ids.short(8)}`,
    model,
  });
  const notes = new Map<string, PlanNote>();
  const note = (code: string, detail: string): void => {
    notes.set(code, { code, detail, count: (notes.get(code)?.count ?? 0) + 1 });
  };
  return {
    agent: family.id,
    sessionId,
    ref: { path: databasePath(family, target.env) ?? '', key: sessionId },
    files: [],
    lines: [],
    members: [],
    rows: () => [],
    import: {
      argv: [family.id, 'import', '{file}'],
      cwd: target.cwd,
      inputName: `${sessionId}.json`,
      *input() {
        notes.clear();
        if (target.store.model === undefined)
          note('model-unknown', `nothing names the model to go on with: ${model} stands in the session`);
        yield `{"info":${jsonLine(info)},"messages":[\n`;
        let comma = '';
        const options = {
          agent: family.id,
          session,
          ids,
          cwd: target.cwd,
          nowMs,
          model,
          mode: family.defaultAgent,
          note,
        };
        for (const message of writeMessages(options)) {
          yield `${comma}${jsonLine(message)}`;
          comma = ',';
        }
        yield ']}\n';
      },
      sessionId: (stdout) => /Imported session: (ses\S+)/.exec(stdout)?.[1],
      undo: [family.id, 'session', 'delete', '{id}'],
    },
    notes: () => [...notes.values()],
  };
}

function sessionInfo(
  family: Family,
  session: Session,
  target: EncodeTarget,
  { id, slug, model }: { id: string; slug: string; model: string },
): JsonObject {
  const { info } = session;
  const now = target.now.getTime();
  const { providerID, modelID } = splitModel(model);
  const from = info.lineage.findLast((line) => line.kind === 'transplant');
  const title = oneLine(target.title ?? firstPrompt(session, 1000) ?? '', TITLE_LENGTH);
  return {
    id,
    slug,
    // project and directory are overwritten by the import with those of the directory it runs in
    projectID: 'global',
    directory: target.cwd,
    title: title === '' ? `New session - ${target.now.toISOString()}` : title,
    version: asText(target.store.version) ?? family.testedVersion,
    agent: family.defaultAgent,
    model: { id: modelID, providerID },
    ...(from === undefined ? {} : { metadata: { segue: { from: { agent: from.agent, id: from.id } } } }),
    time: { created: Math.min(timeMs(info.createdAt, now), now), updated: now },
  };
}
