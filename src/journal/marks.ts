/**
 * What was done of a journal, message by message, in as few bytes as it can be told: a line is written for every message
 * between two calls that matter. Two check digits tell a flipped bit, and the `;` at the end a line that was torn: such a
 * mark is none. (Left out in the table.)
 *
 * | mark | says |
 * |---|---|
 * | `~7-9;` | the messages 7 to 9 may be made ready from here on. Durable before the first of them is. Several for what is no range |
 * | `+8;` | 8 was made ready, or was seen so |
 * | `*;` | all before the last `~`s, which follow one another, is on disk, and whatever of it has no `+` was not made ready |
 * | `!8;` | 8 waits again: a power loss undid its ready bit |
 * | `-8;` | 8 was not made ready, and never will be: it counts as not restored |
 * | `?8;` | 8 can't be found, and may have been made ready: it counts as restored, and was named |
 */

/** How far a message is. */
export const WAITING = 0;
/** It was made ready; a power loss may have undone that. */
export const READY = 1;
/** It was made ready, durably: from then on it is Postfix's, wherever it is. */
export const HANDED_OVER = 2;
/** It was never Postfix's, and will not be. */
export const GIVEN_UP = 3;
/** Nobody can tell whether Postfix had it. */
export const UNCERTAIN = 4;
/** It waits, and may have been made ready when the restore was cut off. */
export const OPEN = 5;

export type Mark =
  | { readonly kind: '+' | '-' | '?' | '!'; readonly index: number }
  | { readonly kind: '~'; readonly first: number; readonly last: number }
  | { readonly kind: '*' };

const MARK = /^([+?!~*-])(\d{1,10})?(?:-(\d{1,10}))?\.(\d{2});$/;

/**
 * The marks that say of these messages, and of no other, that they may be made ready. Where they go at a pace they are in
 * the order of their turns, which is not that of the journal. (at-pace.test.ts, "knows of each message of a slice")
 */
export function openMarks(indexes: readonly number[]): Mark[] {
  const ranges: { kind: '~'; first: number; last: number }[] = [];
  for (const index of indexes.toSorted((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && index <= range.last + 1) {
      range.last = index;
    } else {
      ranges.push({ kind: '~', first: index, last: index });
    }
  }
  // Of none: what may have been made ready before ends here.
  return ranges.length === 0 ? [{ kind: '~', first: 1, last: 0 }] : ranges;
}

/** A mark as a line, with its newline. */
export function encodeMark(mark: Mark): string {
  const numbers = numbersOf(mark);
  return `${mark.kind}${numbers.join('-')}.${checkDigits(mark.kind, numbers)};\n`;
}

function numbersOf(mark: Mark): number[] {
  if (mark.kind === '*') {
    return [];
  }
  return mark.kind === '~' ? [mark.first, mark.last] : [mark.index];
}

/** A prime: whatever single bit or digit is changed, the rest of the division is another. */
const DIVISOR = 97;

function checkDigits(kind: string, numbers: readonly number[]): string {
  const sum = numbers.reduce((before, number) => (before * 131 + number) % DIVISOR, kind.charCodeAt(0) % DIVISOR);
  return String(sum).padStart(2, '0');
}

/** Reads a line, without its newline; undefined where it is no mark, is torn or altered. */
export function decodeMark(text: string): Mark | undefined {
  const [, kind = '', first, second, check] = MARK.exec(text) ?? [];
  const numbers = [first, second].filter((digits) => digits !== undefined).map(Number);
  const [index, last] = numbers;
  if (check === undefined || checkDigits(kind, numbers) !== check) {
    return undefined;
  }
  if (kind === '*') {
    return numbers.length === 0 ? { kind } : undefined;
  }
  if (kind === '~') {
    return index === undefined || last === undefined ? undefined : { kind, first: index, last };
  }
  return index === undefined || last !== undefined ? undefined : { kind: oneKind(kind), index };
}

function oneKind(text: string): '+' | '-' | '?' | '!' {
  return text === '+' || text === '-' || text === '!' ? text : '?';
}

const STATE_OF_MARK = { '+': READY, '!': WAITING, '-': GIVEN_UP, '?': UNCERTAIN } as const;

/** The states of all messages of a journal, as its marks say one after the other. */
export class MessageStates {
  readonly #states: Uint8Array;
  /** In groups: the `~` that follow one another. */
  #open: { first: number; last: number }[][] = [];
  #isOpening = false;
  #isDoubtful = false;
  /** Made ready since the last `*`. */
  #fresh: number[] = [];

  constructor(messages: number) {
    this.#states = new Uint8Array(messages);
  }

  note(mark: Mark): void {
    const isOpening = mark.kind === '~';
    if (isOpening && this.#isOpening) {
      this.#open.at(-1)?.push(mark);
    } else if (isOpening) {
      this.#open.push([mark]);
    } else if (mark.kind === '*') {
      this.#handOverFresh();
    } else {
      this.#noteOne(mark.kind, mark.index);
    }
    this.#isOpening = isOpening;
  }

  #noteOne(kind: keyof typeof STATE_OF_MARK, index: number): void {
    this.#fresh = kind === '!' ? this.#fresh.filter((one) => one !== index) : this.#fresh;
    if (kind === '+') {
      this.#fresh.push(index);
    }
    if (index < this.#states.length) {
      this.#states[index] = STATE_OF_MARK[kind];
    }
  }

  /** A mark may be missing: that a message has none proves nothing any more. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  /** How far a message is. */
  of(index: number): number {
    const state = this.#states[index] ?? WAITING;
    return state === WAITING && (this.#isDoubtful || this.#isOpen(index)) ? OPEN : state;
  }

  get size(): number {
    return this.#states.length;
  }

  /** How many are Postfix's. */
  get ready(): number {
    return this.#states.reduce((count, state) => count + (state === READY || state === HANDED_OVER ? 1 : 0), 0);
  }

  /** How many are neither Postfix's nor given up. */
  get waiting(): number {
    return this.#states.reduce((count, state) => count + (state === WAITING ? 1 : 0), 0);
  }

  #isOpen(index: number): boolean {
    return this.#open.some((group) => group.some(({ first, last }) => first <= index && index <= last));
  }

  #handOverFresh(): void {
    for (const index of this.#fresh) {
      if (this.#states[index] === READY) {
        this.#states[index] = HANDED_OVER;
      }
    }
    this.#fresh = [];
    this.#open = this.#open.slice(-1);
  }
}
