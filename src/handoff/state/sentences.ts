/**
 * Prose → sentences, and what a sentence is about. Quotes only: nothing is reworded.
 *
 * Which words a person or a model uses for a choice or a rule cannot be listed. What they cannot do without is grammar:
 * a rule has a negation, a quantifier or a modal, a reasoned choice has a contrast and a cause. So closed classes of
 * words carry most of the reading, and the few plain words ("decided", "dead end") only make it surer.
 */

import { cutText } from '../../model/text.ts';

/** Text with fenced code and pasted blocks cut to their first lines. */
export function withoutBulk(text: string, maxChars: number): string {
  const out: string[] = [];
  let size = 0;
  let fence = false;
  let inFence = 0;
  for (const raw of text.slice(0, maxChars * 8).split('\n')) {
    const line = cutText(raw, 401);
    if (/^\s*(```|~~~)/.test(line)) {
      if (fence && inFence > 3) out.push(`… (${inFence - 3} more lines)`);
      fence = !fence;
      inFence = 0;
      continue;
    }
    if (fence && ++inFence > 3) continue;
    size += line.length + 1;
    if (size > maxChars) {
      out.push('…');
      break;
    }
    out.push(line);
  }
  return out
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Paragraphs and list items of prose as lists of sentences, without code blocks, each sentence at most `maxChars` long. */
export function paragraphs(text: string, maxChars = 500): string[][] {
  const found: string[][] = [];
  let fence = false;
  for (const line of text.slice(0, 200_000).split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) {
      fence = !fence;
      continue;
    }
    if (fence || line.length > 5000) continue;
    const prose = line.replace(/^\s*(?:[-*+•]|\d+[.)]|#+|>)\s+/, '').trim();
    const own = (MARK_INSIDE.test(prose) ? prose.split(SENTENCE_END) : [prose])
      .map((piece) => piece.trim())
      .filter((piece) => piece.length > 1)
      .map((piece) => cutText(piece, maxChars));
    if (own.length > 0) found.push(own);
  }
  return found;
}

/** All sentences of a text. */
export function sentences(text: string, maxChars = 500): string[] {
  return paragraphs(text, maxChars).flat();
}

// after . ! ? and a space before something that starts a sentence (people often do so in lower case); CJK marks end one by themselves
const SENTENCE_END =
  /(?<=[^.\s][^.\s][.!?]["'»”)\]]?)\s+(?=[\p{L}\p{N}"'`«“([*])(?<!\b(?:e\.g|i\.e|etc|vs|ca|approx|bzw|z\.B)\.\s+)|(?<=[。！？])/u;

// where a sentence can end before the text does; much cheaper than to look for the end itself
const MARK_INSIDE = /[.!?]\S?\s|[。！？]/;

const NEGATION =
  /\b(?:no|not|never|none|nothing|nobody|nowhere|neither|nor|cannot|without|nicht|kein\w*|nie|niemals|ohne|nunca|ninguna?|sin|jamais|aucune?|sans|ne)\b|(?<=\w)n['’]?t(?=\W|$)|不|别|勿|ない|ません|禁止/i;
const QUANTIFIER =
  /\b(?:only|always|ever|every\w*|all|any\w*|each|whole|entire|exactly|at (?:most|least)|max(?:imum)?|min(?:imum)?|tops|below|above|under|until|unless|except|immer|alle[sn]?|nur|jede\w*|siempre|todos?|solo|toujours|tous|seulement)\b|必ず|必须|总是/i;
const MODAL =
  /\b(?:must|should|shall|may|might|has to|have to|needs? to|need|wants?|ought|supposed|required?|allowed|prefer\w*|rather|please|pls|muss|müssen|soll\w*|darf|dürfen|bitte|lieber|debe\w*|doit|il faut)\b|请|ください/i;
const STATEMENT =
  /\b(?:is|are|was|were|be|has|have|had|will|won['’]t|can|can['’]t|does|do(?=n['’])|goes|stays?|lives?|runs?|uses?|ist|sind|hat|haben|wird)\b|\b(?:i|we|it|that|there|they|he|she|who|what|here)['’](?:s|re|m|ve|ll|d)\b/i;
const OURS =
  /\b(?:we|our|us|my|mine|i|i['’]\w+|they|customers?|users?|wir|unser\w*|mein\w*|nosotros|nuestr\w+|nous|notre)\b/i;

/** How clearly a person's sentence says something that stays true or wanted, rather than asks for one step; 0 to 3. */
export function ruleStrength(sentence: string): 0 | 1 | 2 | 3 {
  const bare = sentence.replace(LEAD, '');
  if (isFiller(bare)) return 0;
  if (/[?？]$/.test(bare) && !NEGATION.test(bare)) return 0;
  if (ASKING.test(bare)) return 0;
  const marks = [NEGATION, QUANTIFIER, MODAL].filter((mark) => mark.test(bare)).length;
  const told = STATEMENT.test(bare) || OURS.test(bare);
  const plain = HARD_RULE.test(bare) ? 2 : 0;
  const strength = plain + marks + (told ? 1 : 0);
  return strength >= 3 ? 3 : strength === 2 ? 2 : strength === 1 ? 1 : 0;
}

// what people put before what they say
const LEAD =
  /^(?:(?:ok(?:ay)?|hm+|hmm+|oh|ah|well|so|and|also|btw|fyi|yes|yep|no(?=,)|sorry|actually|please|pls|by the way|one (?:more|last) thing)[\s,.:;!–—-]+)+/i;
const ASKING =
  /^(?:can|could|would|will|do|does|did|what|whats|where|which|who|how|why|show|explain|is|are)\b(?!.*\b(?:never|must|only)\b)/i;
const HARD_RULE =
  /\b(?:never|always|must(?:n'?t)?|do not|don['’]?t|under no circumstances|forbidden|no new|no more than|backwards?[- ]compatib\w*|important:?|make sure|ensure|niemals|immer|nunca|siempre|jamais|toujours)\b|必须|不要|禁止|绝不|しないで|必ず/i;

/** Whether a person's words change what was asked before, by what they say. */
export function changesCourse(text: string): boolean {
  return /\b(?:actually|instead|scratch|scrap|forget|drop|change of|changed|second thought|thinking about it|no longer|not any ?more|any ?more|after all|rather|wait|stop|first|out of scope|let['’]?s|new (?:plan|requirement|priority)|switch\w*|one (?:more|last) (?:thing|change)|we(?: also)? (?:need|have to|want)|i(?: also)? (?:need|want)|doch|stattdessen|planänderung|vergiss|zuerst|en vez|plutôt|d['’]abord)\b|算了|换|改|先/i.test(
    text,
  );
}

// these are tested on text in lower case: to fold case in the expression costs three times as much
const CONTRAST =
  /\b(?:instead|rather|than|over|but|however|yet|although|though|whereas|against|not|no|nor|never|nothing|without|only|even|still|despite|neither|unlike|cannot|too|just as|same|sondern|statt|aber|nicht|kein\w*|sino|pero|mais|plutôt)\b|n['’]t\b|而|但|ではなく/;
const CAUSE =
  /\b(?:because|since|so|hence|therefore|thus|given|reason|why|due to|as (?:it|this|the|we|that)|in order|otherwise|means?|meant|which|after|until|once|weil|damit|sonst|deshalb|porque|parce que|car)\b|[:;—–→]\s|\s[—–→]|因为|ので|から/;
const COUNTERFACTUAL = /\b(?:would(?:n['’]t)?|could(?:n['’]t)?|might|'d|won['’]t|würde|könnte)\b/;

const DECISION =
  /\b(?:decid\w+|decision|chose|choos\w+|chosen|choice|opt(?:ed|ing)? (?:for|to)|(?:go|going|went) with|settl\w+ (?:on|for)|stick\w* (?:to|with)|pick(?:ed|ing)?|trade-?off|agreed|the (?:right|best|cleanest|simplest|safest|better) (?:approach|choice|option|fix|way)|on purpose|deliberate\w*|prefer\w*|entschieden|entscheid\w*|gewählt|decidí|décidé)\b|决定|选择|決め/;
const FAILURE =
  /\b(?:tried|trying|attempt\w*|(?:did|does|do|would|is|was)(?:n['’]?t| not) (?:work|help|fix|solve|enough|suffice|possible|viable|an option|it)|won['’]?t (?:work|do|help)|fail(?:ed|s|ure)?|dead[- ]end|wrong (?:turn|track|way)|revert\w*|roll(?:ed|ing) .{0,40}?back|back(?:ed|ing) out|undid|undo\w*|put(?:ting)? (?:it|that|this) back|abandon\w*|gave up|no (?:good|luck|use)|useless|worse|in vain|ruled out|is out|hat nicht|funktioniert nicht|gescheitert|no funcion\w*|n['’]a pas)\b|不行|失败|うまくいか|失敗/;

/** What an assistant's sentence says beyond what is being done at the moment; 0 where it says nothing of the kind. */
export interface Reading {
  decision: number;
  failure: number;
}

/** Reads a sentence of an assistant, or a few that belong together. Numbers from 0 (nothing) to about 4. */
export function readSentence(sentence: string): Reading {
  if (/[?？]$/.test(sentence) || sentence.length < 12) return { decision: 0, failure: 0 };
  const said = sentence.toLowerCase();
  const base =
    (CONTRAST.test(said) ? 1 : 0) +
    (CAUSE.test(said) ? 1 : 0) +
    (COUNTERFACTUAL.test(said) ? 0.5 : 0) -
    (tellsStep(said) ? 0.5 : 0);
  return {
    decision: Math.max(base + (DECISION.test(said) ? 1.5 : 0), 0),
    failure: FAILURE.test(said) ? Math.max(base, 0) + 1.5 : 0,
  };
}

// an agent saying what it does next, or that it is done
const STEP =
  /^(?:(?:ok(?:ay)?|good|great|perfect|alright|right|now|next|then|first|also|and|so|ah|interesting|finally)[\s,.!:–—-]+)*(?:let me|let['’]s|now|next|time to|i['’]ll|i (?:will|need to|have to|want to|can see|see|am going to)|i['’]m (?:now )?\w+ing|done|all set|finished|ready|found|here is|here['’]s|there['’]s an?|one more|same|looks?|looked|back to)\b/u;
/** "Running the tests." tells a step, "Running two of them at once froze the machine." does not. */
const SHORT_GERUND = /^(?:(?:now|then|next|and|so)[\s,]+)?\p{L}+ing\b(?:\s+\S+){0,5}$/u;

function tellsStep(said: string): boolean {
  return STEP.test(said) || SHORT_GERUND.test(said);
}

/** Whether a sentence only tells what is being done. */
export function isNarration(sentence: string): boolean {
  const said = sentence.toLowerCase();
  return said.length < 12 || (tellsStep(said) && !CONTRAST.test(said) && !CAUSE.test(said));
}

/** Filler that carries no wish of its own. */
export function isFiller(text: string): boolean {
  const said = text.trim();
  return !MANY_WORDS.test(said) && FILLER.test(said);
}

const MANY_WORDS = /^(?:\S+\s+){6}\S/;

const FILLER =
  /^(?:(?:ok(?:ay)?|yes|yep|yeah|y|no|nope|sure|thanks?(?: a lot| you)?|great|perfect|nice|good(?: job)?|cool|fine|right|alright|hm+|ah|oh|i see|got it|sorry|well|then|now|and|all|please|pls|continue|go on|go ahead|keep going|proceed|next|lgtm|looks? (?:good|great|nice|fine)|done|for explaining|was in a meeting|weiter|ja|nein|danke|sí|oui|好的?|继续)[\s.!,…:;)-]*)+$/i;
