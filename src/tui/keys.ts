/** Bytes of a terminal → keys. */

export type KeyName =
  | 'text'
  | 'enter'
  | 'tab'
  | 'escape'
  | 'backspace'
  | 'delete'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'pageup'
  | 'pagedown'
  | 'home'
  | 'end'
  | 'wheelup'
  | 'wheeldown'
  | 'unknown';

export interface Key {
  name: KeyName;
  /** What was typed or pasted, or the letter of a chord. */
  text: string;
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
}

const SEQUENCES: Record<string, KeyName> = {
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  '[H': 'home',
  '[F': 'end',
  OH: 'home',
  OF: 'end',
  '[1~': 'home',
  '[4~': 'end',
  '[7~': 'home',
  '[8~': 'end',
  '[3~': 'delete',
  '[5~': 'pageup',
  '[6~': 'pagedown',
};

/**
 * Parses what was read from the terminal. A sequence (or a paste) may come in several reads: what is not complete yet is
 * returned as `rest`, to be put before the next read. With `last` nothing more is waited for: a lone escape is the key.
 */
export function parseKeys(input: string, last = false): { keys: Key[]; rest: string } {
  const keys: Key[] = [];
  let rest = input;
  while (rest !== '') {
    if (!last && isIncomplete(rest)) break;
    const [key, length] = nextKey(rest);
    if (key !== undefined) keys.push(key);
    rest = rest.slice(length);
  }
  return { keys, rest };
}

function isIncomplete(input: string): boolean {
  if (input.startsWith('\u001B[200~')) return !input.includes('\u001B[201~');
  return /^\u001B(?:\[[<0-9;]*|O)?$/.test(input);
}

function nextKey(input: string): [Key | undefined, number] {
  if (input.startsWith('\u001B[200~')) {
    const end = input.indexOf('\u001B[201~');
    const text = input.slice(6, end < 0 ? undefined : end);
    return [key('text', text.replace(/[\u0000-\u001F\u007F]+/g, ' ')), end < 0 ? input.length : end + 6];
  }
  const mouse = /^\u001B\[<(\d+);\d+;\d+[Mm]/.exec(input);
  if (mouse !== null) {
    const button = Number(mouse[1]);
    return [button === 64 ? key('wheelup') : button === 65 ? key('wheeldown') : undefined, mouse[0].length];
  }
  const sequence = /^\u001B((?:\[(?:[0-9;]*)[A-Za-z~])|(?:O[A-Z]))/.exec(input);
  if (sequence !== null) return [sequenceKey(sequence[1] ?? ''), sequence[0].length];
  const [first = ''] = input;
  if (first === '\u001B') {
    const [second] = input.slice(1);
    if (second === undefined || second === '\u001B') return [key('escape'), 1];
    return [{ ...plainKey(second), alt: true }, 1 + second.length];
  }
  return [plainKey(first), first.length];
}

function sequenceKey(sequence: string): Key {
  if (sequence === '[Z') return { ...key('tab'), shift: true };
  const modified = /^\[(?:1;|(\d+);)(\d+)([A-Za-z~])$/.exec(sequence);
  if (modified === null) return key(SEQUENCES[sequence] ?? 'unknown');
  const bits = Number(modified[2]) - 1;
  const name =
    SEQUENCES[modified[1] === undefined ? `[${modified[3]}` : `[${modified[1]}${modified[3]}`] ?? 'unknown';
  return { name, text: '', shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0 };
}

function plainKey(character: string): Key {
  const code = character.codePointAt(0) ?? 0;
  if (code === 13 || code === 10) return key('enter');
  if (code === 9) return key('tab');
  if (code === 127 || code === 8) return key('backspace');
  if (code < 32) return { ...key('text', String.fromCharCode(code + 96)), ctrl: true };
  return key('text', character);
}

function key(name: KeyName, text = ''): Key {
  return { name, text, ctrl: false, alt: false, shift: false };
}
