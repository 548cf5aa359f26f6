/** Which facts a document holds. */
import { type Fact, plain } from './annotated.ts';

/** Items of a Markdown document: each bullet or quoted block with what hangs below it. */
export function items(text: string): string[] {
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const last = found.length - 1;
    if (/^(?:- |#|\[#\d+\]$)/.test(line) || last < 0) found.push(line);
    else found[last] += `\n${line.replace(/^\s*> ?/, '')}`;
  }
  return found.map(plain);
}

/** The facts that stand in the document. */
export function recalled(facts: Fact[], text: string): Set<Fact> {
  const all = items(text);
  return new Set(
    facts.filter((fact) => {
      const words = fact.words.map(plain);
      return all.some((item) => words.every((word) => item.includes(word)));
    }),
  );
}
