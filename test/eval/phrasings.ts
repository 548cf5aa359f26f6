/**
 * Ways in which agents state choices and failed attempts, and talk on the way. Two banks: `tuning` may be looked at when
 * extraction is improved, `heldOut` may not; its scenarios are different ones too. Written before anything was measured.
 */
import type { Attempt, Choice } from './scenario.ts';

export interface Bank {
  /** {pick} {over} {why}; capitalised names start a sentence. */
  decisions: string[];
  /** {tried} {outcome} */
  failures: string[];
  /** What is said on the way and need not be kept: {noun} {fn} {file} */
  narration: string[];
  /** Ends of turns with nothing to keep. */
  closings: string[];
  /** Words of a person with nothing to keep. */
  chat: string[];
  /** What goes before or after a statement in the same message. */
  around: string[];
}

export const tuning: Bank = {
  decisions: [
    "I'm going to go with {pick} rather than {over}, since {why}.",
    '{Pick} it is. {Why}, which rules out {over}.',
    'Weighed {over} against {pick}: {why}, so the latter.',
    'Note on the design: {pick} instead of {over} because {why}.',
    'I kept to {pick} on purpose ({why}); {over} would have been the obvious alternative.',
    'Two options were on the table, {over} and {pick}. The second is what I implemented: {why}.',
    '- **{Pick}** over {over}: {why}',
    'Settled on {pick}. {Why}.',
    "For this I'll use {pick}. {Over} looks simpler at first, but {why}.",
    "{Why}. That's the argument for {pick}, and against {over}.",
    "I'd stay away from {over} here: {why}, and {pick} copes with that.",
    "We're doing {pick} now, not {over}. Reason: {why}.",
  ],
  failures: [
    'Tried {tried}, but {outcome}.',
    "{Tried} didn't fix it: {outcome}.",
    'So {tried} is out. {Outcome}.',
    'Hm, {outcome} after {tried}. Putting it back the way it was.',
    '{Outcome} as soon as I started {tried}, so I took that out again.',
    'First attempt was {tried}; {outcome}.',
    'Even with {tried}, {outcome}.',
    "I had hoped {tried} would be enough. It isn't, {outcome}.",
    '- {Tried}: no, {outcome}',
    'Undoing that. {Tried} looked right on paper, yet {outcome}.',
    '{Tried} only moved the problem around; {outcome}.',
    'That was a wrong turn. With {tried}, {outcome}.',
  ],
  narration: [
    'Let me look at {file} first.',
    'Now the {noun}.',
    "I'll check how {fn} is called.",
    'Let me run that again.',
    'Good. Next, {file}.',
    'The {noun} takes its values from {fn}, so I have to look there as well.',
    'Found it, {fn} is defined in {file}.',
    'Updating {file} accordingly.',
    "That's the import I was missing.",
    '{fn} needs the new argument too.',
    'Let me see whether the {noun} is used anywhere else.',
    'The test expects the old name because it was written before {fn} existed; adjusting it.',
    "I'll add a small helper instead of repeating it.",
    'Okay, that compiles. Running the rest.',
    'Same change for the {noun}.',
    "There's a typo in {fn}, fixing that.",
    "The output is long, I'll only look at the end of it.",
    'Three places use {fn}; all of them pass it through unchanged.',
    'Let me double-check the {noun} with a quick script.',
    'The {noun} looks fine.',
    'I need to see the surrounding code before I change {fn}.',
    "Now I'll write the test for the {noun}.",
    'One more file to update: {file}.',
    'That failed since I forgot to save {file}, doing it again.',
    'Interesting, {fn} already handles the empty case.',
    'Reading the rest of {file} so I get the types right.',
  ],
  closings: [
    'Done. {fn} is renamed and the {noun} follows.',
    'All set, the {noun} now goes through {fn}.',
    "I've updated {file}. Everything else is as it was.",
    'Here is the part you asked for: {fn} reads the {noun} and returns it.',
    'Finished. The tests for the {noun} are in place.',
    'It returns the {noun}; the second argument is only there for {fn}.',
  ],
  chat: [
    'ok',
    'thanks',
    'go on',
    'looks good',
    'sorry, was in a meeting. go ahead',
    'hm ok, continue',
    'great',
    'yes please',
    'I see, thanks for explaining',
    'cool, next',
  ],
  around: [
    'Looked at {file} now.',
    'Back to the {noun}.',
    '{fn} is next.',
    "I'll write that up.",
    'Here goes.',
  ],
};

export const heldOut: Bank = {
  decisions: [
    'Decided against {over}. {Pick} handles it better given that {why}.',
    'Ended up with {pick} — {why}, so {over} would only get in the way.',
    'My call: {pick}. {Why}.',
    'What I did instead of {over} is {pick}; {why}.',
    '* {Pick} (not {over}) — {why}',
    'Since {why}, {pick} makes more sense than {over}.',
    '{Over} would work too. But {why}, hence {pick}.',
    "The implementation relies on {pick}; {why} and I didn't want {over}.",
    'I picked {pick} for this. The thing is that {why}.',
    "To be clear about why there's no {over}: {why}. {Pick} covers the same ground.",
    'Using {pick} throughout. {Over} was tempting, however {why}.',
    "That leaves {pick}. {Why}, and {over} can't cope.",
  ],
  failures: [
    "{Tried} won't do. {Outcome}.",
    'I also looked at {tried}. {Outcome}, so not worth pursuing.',
    'Result of {tried}: {outcome}. Not the way.',
    'Rolled back {tried} because {outcome}.',
    'Bad news, {tried} backfired and {outcome}.',
    "What doesn't help is {tried}, {outcome}.",
    'Scrapping {tried}. {Outcome}.',
    'I gave {tried} a go and {outcome}.',
    '* {Tried} → {outcome}',
    'Spent a while on {tried} before noticing that {outcome}. Dead end.',
    'For the record: {tried} does not get us there, {outcome}.',
    'We can forget about {tried}; {outcome}.',
  ],
  narration: [
    'Checking {file}.',
    'Next I want to see {fn}.',
    'Time to run it.',
    'Opening the {noun} code.',
    'Right, {fn} lives in {file}.',
    'The {noun} is wired up in {file}, which I have to read as well.',
    'Applying the same edit to {fn}.',
    'Ah, {fn} was missing a return.',
    'Making {fn} a bit smaller while I am here.',
    "Alright, that's green. Moving on to the {noun}.",
    'A quick search for other callers of {fn}.',
    'This fails because the fixture lacks the {noun}; adding it.',
    'Adding the {noun} to the list.',
    'I want to be sure about {fn}, so a short script to print it.',
    'Nothing else refers to the {noun}.',
    '{file} has the same pattern twice, so both get changed.',
    'First the types, then {fn}.',
    'That was the wrong line number, again with the right one.',
    'The {noun} part is unchanged.',
    'Wrote {file}. Let me verify it parses.',
    'Fixing the indentation in {fn}.',
    'Looks like {fn} returns early when the {noun} is empty.',
  ],
  closings: [
    'That is in. {fn} does what it did before, only shorter.',
    'The {noun} is finished, see {file}.',
    'Changed as you asked: {fn} comes first, then the {noun}.',
    'Ready. I also ran the checks for the {noun}.',
    'In short, {fn} takes the {noun} and hands it on.',
  ],
  chat: [
    'perfect',
    'Okay.',
    'please continue',
    'thx',
    'yep',
    'Good work, carry on',
    'mhm',
    'Alright then',
    'Understood, thank you.',
    'nice!!',
  ],
  around: ['Done reading {file}.', 'About the {noun}:', 'So, {fn}.', 'Writing it now.', 'A word on this.'],
};

/** Fills a phrasing with a choice; its keys are what a handoff must keep: what was picked, and why. */
export function sayChoice(phrasing: string, choice: Choice): { text: string; keys: string[] } {
  return { text: fill(phrasing, { ...choice }), keys: [choice.pick, choice.why] };
}

/** Fills a phrasing with an attempt; keys: what was tried, and what came of it. */
export function sayAttempt(phrasing: string, attempt: Attempt): { text: string; keys: string[] } {
  return { text: fill(phrasing, { ...attempt }), keys: [attempt.tried, attempt.outcome] };
}

/** `{name}` → value; `{Name}` → value with a capital. */
export function fill(phrasing: string, values: Record<string, string>): string {
  return phrasing.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name.toLowerCase()] ?? '';
    return /^[A-Z]/.test(name) ? value.charAt(0).toUpperCase() + value.slice(1) : value;
  });
}
