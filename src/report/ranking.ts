/** The first few of many by a number, the greatest first; of equals the first that came. */

export class Ranking<Item> {
  readonly #room: number;
  readonly #ranked: { readonly rank: number; readonly item: Item }[] = [];

  constructor(room: number) {
    this.#room = room;
  }

  /** @param make the item, which is made only if it is kept */
  add(rank: number, make: () => Item): void {
    const last = this.#ranked.at(-1);
    if (this.#ranked.length >= this.#room && (last === undefined || rank <= last.rank)) {
      return;
    }
    const at = this.#ranked.findIndex((other) => other.rank < rank);
    this.#ranked.splice(at === -1 ? this.#ranked.length : at, 0, { rank, item: make() });
    this.#ranked.splice(this.#room);
  }

  items(): Item[] {
    return this.#ranked.map(({ item }) => item);
  }
}
