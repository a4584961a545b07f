/**
 * Makes what a queue file says fit into a line of the catalogue. A file may say anything: numbers beyond what JSON holds
 * exactly, an address of a megabyte. The entry has its bytes whole; the line has what fits, and says what did not.
 */

import { MEMBER_BOUNDS, type ShortenedMember } from '../format/catalogue-line.ts';
import { CONTENT_FILTER_MAXIMUM, FAULT_TEXT_MAXIMUM, TEXT_MAXIMUM } from '../format/limits.ts';

/** For one line. */
export class Fitting {
  readonly #shortened = new Set<ShortenedMember>();

  /** The members that do not hold what the file says. */
  get shortened(): readonly ShortenedMember[] {
    return [...this.#shortened];
  }

  /** The number, or the nearest one within the bounds. */
  number(name: 'arrival_time' | 'create_time' | 'message_size', value: number, minimum: number): number {
    const fitting = Math.max(minimum, Math.min(MEMBER_BOUNDS[name], value));
    this.#note(name, fitting !== value);
    return fitting;
  }

  /** Nothing where they are not those of a second: then no message is taken for another one by its arrival. */
  microseconds(value: number | undefined): { readonly arrival_microseconds?: number } {
    if (value === undefined) {
      return {};
    }
    const isFit = value >= 0 && value <= MEMBER_BOUNDS.arrival_microseconds;
    this.#note('arrival_microseconds', !isFit);
    return isFit ? { arrival_microseconds: value } : {};
  }

  contentFilter(text: string): string {
    return this.#cut('content_filter', text, CONTENT_FILTER_MAXIMUM);
  }

  sender(text: string): string {
    return this.#cut('sender', text, TEXT_MAXIMUM);
  }

  /** An address or a reason. */
  recipient(text: string): string {
    return this.#cut('recipients', text, TEXT_MAXIMUM);
  }

  fault(text: string): string {
    return this.#cut('malformed', text, FAULT_TEXT_MAXIMUM);
  }

  #cut(name: ShortenedMember, text: string, maximum: number): string {
    const fitting = cutText(text, maximum);
    this.#note(name, fitting.length < text.length);
    return fitting;
  }

  #note(name: ShortenedMember, isShortened: boolean): void {
    if (isShortened) {
      this.#shortened.add(name);
    }
  }
}

/** A text, or its beginning, of no more characters than this. */
export function cutText(text: string, maximum: number = TEXT_MAXIMUM): string {
  if (text.length <= maximum) {
    return text;
  }
  // Half of a surrogate pair is no character.
  const isHalf = /[\uD800-\uDBFF]/.test(text.charAt(maximum - 1));
  return text.slice(0, isHalf ? maximum - 1 : maximum);
}
