/** Commands that are shown to be typed: what a shell makes of them is what was meant. */

/** Words that every shell takes as they are: zsh would make another of one that begins with `=`. */
const PLAIN = /^(?!=)[\w./+@%:,=-]+$/u;
/**
 * What can't be shown as it is: between `$'` and `'`, bash, ksh and zsh take escapes. A shell that knows none, such as dash, gets
 * another word, but no more than one: quotes and backslashes are escaped by their numbers, too.
 */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** One word for a shell. */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) {
    return text;
  }
  return UNSEEN.test(text) ? `$'${escaped(text)}'` : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command line. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** What names something, behind the options: a name that begins with a dash is none of them. */
export function operands(names: readonly string[]): string[] {
  return names.some((name) => name.startsWith('-')) ? ['--', ...names] : [...names];
}

function escaped(text: string): string {
  return text.replace(/['\\\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, octal);
}

/** Byte by byte: no shell needs to know of Unicode. */
function octal(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
