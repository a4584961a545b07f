/** The order in which test files run: it keeps the processors busy to the end. */

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They take a minute and more. One that begins late is waited for by all. */
const LONG = ['cli/used-or-refused', 'fault/restore-happenings', 'cli/import', 'property/backup-interleavings'];

/**
 * The long ones first. Those with the real Postfix, which wait most of their time, stand evenly between the others, which
 * calculate.
 */
export class MixedOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.includes(`/${name}.`));
    const waits = ({ project }: TestSpecification) => project.name === 'postfix';
    const long = sorted.filter(isLong);
    const others = sorted.filter((file) => !(isLong(file) || waits(file)));
    return [...long, ...mixed(sorted.filter(waits), others)];
  }
}

function mixed<File>(some: readonly File[], others: readonly File[]): File[] {
  const placed = [some, others].flatMap((files) =>
    files.map((file, index) => ({ file, place: (index + 0.5) / files.length })),
  );
  return placed.sort((one, other) => one.place - other.place).map(({ file }) => file);
}
