/** Messages by size, in powers of ten of Kbytes, as a selection takes sizes. */

import type { BaseSelection } from './base-selection.ts';
import type { SizeBin } from './queue-report.ts';

const KIB = 1024;
/** Each is the greatest of its bin. */
const LIMITS = [2 * KIB, 10 * KIB, 50 * KIB, 250 * KIB, KIB ** 2, 5 * KIB ** 2, 25 * KIB ** 2] as const;

export class Sizes {
  readonly #bins = [...LIMITS, Number.POSITIVE_INFINITY].map(() => ({ messages: 0, bytes: 0 }));

  add(size: number): void {
    const index = LIMITS.findIndex((limit) => size <= limit);
    const bin = this.#bins.at(index);
    if (bin !== undefined) {
      bin.messages += 1;
      bin.bytes += size;
    }
  }

  bins(base: BaseSelection): SizeBin[] {
    return this.#bins.map((bin, index) => {
      const [above, to] = [LIMITS[index - 1], LIMITS[index]];
      const bounds = {
        ...(above === undefined ? {} : { larger: above }),
        ...(to === undefined ? {} : { smaller: to + 1 }),
      };
      return { above: above ?? 0, to: to ?? null, ...bin, selection: base.with(bounds) };
    });
  }
}
