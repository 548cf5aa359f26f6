/** Prose → sentences, and what a sentence is about. Quotes only: nothing is reworded. */

/** Text with fenced code and pasted blocks cut to their first lines. */
export function withoutBulk(text: string, maxChars: number): string {
  const out: string[] = [];
  let size = 0;
  let fence = false;
  let inFence = 0;
  for (const raw of text.slice(0, maxChars * 8).split('\n')) {
    const line = raw.length > 400 ? `${raw.slice(0, 400)}…` : raw;
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

/** Sentences and list items of prose, without code blocks, each at most `maxChars` long. */
export function sentences(text: string, maxChars = 500): string[] {
  const found: string[] = [];
  let fence = false;
  for (const line of text.slice(0, 200_000).split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) {
      fence = !fence;
      continue;
    }
    if (fence || line.length > 5000) continue;
    const prose = line.replace(/^\s*(?:[-*+•]|\d+[.)]|#+|>)\s+/, '').trim();
    if (prose === '') continue;
    for (const piece of prose.split(SENTENCE_END)) {
      const sentence = piece.trim();
      if (sentence.length > 1)
        found.push(sentence.length > maxChars ? `${sentence.slice(0, maxChars - 1)}…` : sentence);
    }
  }
  return found;
}

// after . ! ? and a space before something that starts a sentence; CJK marks end one by themselves
const SENTENCE_END = /(?<=[.!?]["')\]]?)\s+(?=[\p{Lu}\p{N}"'`([])|(?<=[。！？])/u;

/** How clearly a person's sentence states a lasting constraint or preference; 0 when it does not. */
export function constraintStrength(sentence: string): 0 | 1 | 2 | 3 {
  if (sentence.endsWith('?') && !/\b(please|don'?t|never)\b/i.test(sentence)) return 0;
  if (HARD_CONSTRAINT.test(sentence)) return 3;
  if (SOFT_CONSTRAINT.test(sentence)) return 2;
  return 0;
}

const HARD_CONSTRAINT =
  /\b(?:never|always|must(?:n'?t)?|do not|don['’]?t|cannot|can['’]?t (?:use|change|touch|break|add)|under no circumstances|not allowed|forbidden|required?(?: to)?|has to|have to|needs? to (?:stay|remain|support|work|be|keep)|no new|without (?:adding|changing|breaking|touching|using)|only use|use only|at (?:most|least)|no more than|backwards?[- ]compatib\w*|important:?|make sure|ensure|niemals?|nie|immer|muss|müssen|darf nicht|dürfen nicht|keine?n? neue\w*|nicht (?:ändern|anfassen|verwenden)|nunca|siempre|debe|jamais|toujours|il faut|ne pas)\b|必须|不要|禁止|绝不|しないで|必ず|禁止/i;
const SOFT_CONSTRAINT =
  /\b(?:prefer(?:ably|ence)?|i(?:'d| would) (?:rather|like|prefer)|rather than|instead of|avoid|keep (?:it|the|this|things|all|using)|stick (?:to|with)|should(?:n['’]?t)?|let['’]?s not|please use|use [\w`@./-]+(?: [\w`@./-]+)? (?:for|not|instead|rather)|follow the|match the|style|convention|in (?:this|our) (?:repo|project|codebase),? we|we (?:use|want|need|don['’]?t)|no [\w-]+(?: [\w-]+)?[,.;]|bitte|lieber|bevorzug\w*|vermeide\w*|soll(?:te|en)?|prefiero|evita|préfère|évite\w*)\b|请使用|尽量|避免/i;

/** Whether a person's sentence changes what was asked before. */
export function changesCourse(sentence: string): boolean {
  return /\b(?:actually|instead|scratch that|forget (?:that|about|it)|change of plan|on second thought|new (?:plan|requirement|priority)|no longer|not anymore|any ?more|rather|wait|stop|drop (?:the|that|it)|let['’]?s (?:switch|change|go with|use|do)|changed my mind|also|now|next|doch|stattdessen|planänderung|vergiss|en vez|plutôt)\b/i.test(
    sentence,
  );
}

/** How clearly an assistant's or person's sentence states a decision; needs a choice, a reason makes it plainer. */
export function decisionStrength(sentence: string): 0 | 1 | 2 | 3 {
  const choice = DECISION.test(sentence);
  const reason = REASON.test(sentence);
  if (choice && reason) return 3;
  if (choice) return 2;
  if (reason && WEAK_CHOICE.test(sentence)) return 2;
  return 0;
}

const DECISION =
  /\b(?:decid(?:ed|e|ing)|decision|chose|choos(?:e|ing)|chosen|opt(?:ed|ing)? (?:for|to)|went with|going with|go with|settl(?:ed|e|ing) on|sticking (?:to|with)|picked|rul(?:ed|ing) out|trade-?off|agreed|the (?:right|best|cleanest|simplest|safest) (?:approach|choice|option|fix|way)|entschieden|entscheid\w*|gewählt|decidí|décidé)\b|决定|选择|決め/i;
const WEAK_CHOICE =
  /\b(?:(?:i|we)(?:'ll| will|'m going to| used?| switched| kept| keep| moved| made| replaced?| put| store| added)|use|using|instead of|rather than|over|keep|switch(?:ed|ing)? (?:to|from)|prefer)\b/i;
const REASON =
  /\b(?:because|since|so that|as (?:it|this|the|we|that)|due to|in order to|otherwise|to avoid|to keep|which (?:avoids|keeps|means|lets|makes)|the reason|given (?:that|the)|rationale|weil|damit|da (?:es|wir|das)|porque|parce que|car)\b|[:—–] (?=\w)|因为|ので/i;

/** How clearly a sentence says that something was tried and did not work. */
export function failureStrength(sentence: string): 0 | 1 | 2 | 3 {
  if (FAILED_PLAIN.test(sentence)) return 3;
  if (FAILED_HINT.test(sentence)) return REASON.test(sentence) ? 2 : 1;
  return 0;
}

const FAILED_PLAIN =
  /\b(?:(?:did(?:n['’]?t| not)|does(?:n['’]?t| not)|do(?:n['’]?t| not)|won['’]?t|would(?:n['’]?t| not)) (?:work|help|fix|solve|compile|build|pass|apply|suffice|match)|failed (?:because|since|with|due|as|again|to)|(?:approach|attempt|idea|fix|workaround|change|patch) (?:failed|broke|was wrong|is wrong|is a dead end)|dead[- ]end|revert(?:ed|ing)?|roll(?:ed|ing) (?:it |that |this )?back|backed out|undid|undoing|abandon\w*|gave up|not (?:viable|possible|feasible|an option)|broke (?:the|other|all|things|it)|made (?:it|things) worse|no luck|ruled out|tried (?:[^.]{0,80}) but|hat nicht (?:funktioniert|geholfen|geklappt)|funktioniert nicht|gescheitert|no funcion\w*|n['’]a pas (?:marché|fonctionné))\b|不行|失败|うまくいか|失敗/i;
const FAILED_HINT =
  /\b(?:the (?:problem|issue|cause|culprit|catch) (?:is|was)|turns? out|still (?:fails?|failing|broken|errors?|red)|same error|unfortunately|caused|conflicts? with|incompatib\w*|flaky|deadlock\w*|race condition|leaks?|timed? ?out|crash(?:ed|es))\b/i;

/** Filler that carries no wish of its own. */
export function isFiller(text: string): boolean {
  return /^(?:ok(?:ay)?|yes|yep|y|sure|thanks?|thank you|great|perfect|nice|good|cool|continue|go on|go ahead|proceed|next|lgtm|done|please continue|weiter|ja|danke|sí|oui|好的?|继续)[\s.!,…]*$/i.test(
    text.trim(),
  );
}
