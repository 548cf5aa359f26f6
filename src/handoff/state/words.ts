/** Whether texts say the same words, by numbers: long sessions have very many sentences, and few are kept. */

/**
 * A number of 53 bits for the words of a text: the same for texts that differ only in digits, case or marks. `most`: only the
 * first so many words count.
 */
export function wordsKey(text: string, most = Number.POSITIVE_INFINITY): number {
  const hash = new Hash();
  let words = 0;
  let inWord = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return keyOfAnyScript(text, most);
    const small = code | 0x20;
    const isLetter = small >= 0x61 && small <= 0x7a;
    if (isLetter && !inWord) {
      if (++words > most) break;
      if (words > 1) hash.add(SPACE);
    }
    if (isLetter) hash.add(small);
    inWord = isLetter;
  }
  return hash.value;
}

const SPACE = 0x20;

function keyOfAnyScript(text: string, most: number): number {
  const hash = new Hash();
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  for (const char of words.slice(0, most).join(' ')) hash.add(char.codePointAt(0) ?? SPACE);
  return hash.value;
}

class Hash {
  #a = 0x2c1b3c6d;
  #b = 0x297a2d39;

  add(code: number): void {
    this.#a = Math.imul(this.#a ^ code, 0x01000193);
    this.#b = Math.imul(this.#b ^ code, 0x5bd1e995) + (this.#a >>> 15);
  }

  get value(): number {
    return (this.#a >>> 0) * 2 ** 21 + ((this.#b >>> 11) & 0x1f_ffff);
  }
}
