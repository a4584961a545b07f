import { describe, expect, it } from 'vitest';
import { asksForEveryInstance, runForEach } from '../../../../src/cli/process/every-instance.ts';

const INSTANCES = ['-', 'postfix-in', 'postfix-out'].map((name) => ({
  name,
  isEnabled: true,
  configDirectory: `/etc/${name}`,
}));

async function runs(...statuses: number[]) {
  const seen: string[] = [];
  const status = await runForEach(['backup', '--all-instances', '-q'], INSTANCES, async (argv) => {
    seen.push(argv.join(' '));
    return statuses[seen.length - 1] ?? 0;
  });
  return { status, seen };
}

describe('a backup of every instance', () => {
  it('is one command line for each', async () => {
    expect(await runs()).toEqual({
      status: 0,
      seen: ['-', 'postfix-in', 'postfix-out'].map((name) => `backup --postfix-instance ${name} -q`),
    });
  });

  it.each([
    [[0, 1, 0], 1, 3],
    [[1, 74, 66], 74, 3],
    [[0, 143, 0], 143, 2],
  ])('that end in %j ends in %i, after %i', async (statuses, status, count) => {
    const ended = await runs(...statuses);
    expect([ended.status, ended.seen.length]).toEqual([status, count]);
  });

  it.each([['-i', 'x'], ['-qi', 'x'], ['-c/etc/x'], ['--config-dir=/etc/x'], ['--queue-directory', '/x']])(
    'is refused where one queue is named, by %s',
    async (...words) => {
      const run = async () => 0;
      await expect(runForEach(['backup', '--all-instances', ...words], INSTANCES, run)).rejects.toThrow(
        /queue of one/u,
      );
      await expect(runForEach(['backup', '--all-instances', '--', ...words], INSTANCES, run)).resolves.toBe(0);
    },
  );

  it.each([
    [
      ['--metrics-file', '/m/p.prom'],
      ['--metrics-file', '/m/p-postfix-in.prom'],
    ],
    [['--metrics-file=/m/p.prom'], ['--metrics-file=/m/p-postfix-in.prom']],
    [
      ['--', '--metrics-file', 'p.prom'],
      ['--', '--metrics-file', 'p.prom'],
    ],
  ])('has metrics for each: %j', async (words, expected) => {
    const seen: (readonly string[])[] = [];
    await runForEach(['backup', '--all-instances', ...words], INSTANCES, async (argv) => {
      seen.push(argv.slice(3));
      return 0;
    });
    expect(seen.slice(0, 2)).toEqual([words, expected]);
  });

  it('is asked for by backup and check-config', () => {
    expect(asksForEveryInstance(['backup', '--store', 's', '--all-instances'])).toBe(true);
    expect(asksForEveryInstance(['backup', '--', '--all-instances'])).toBe(false);
    expect(asksForEveryInstance(['check-config', '--all-instances'])).toBe(true);
    expect(asksForEveryInstance(['list', '--all-instances'])).toBe(false);
  });
});
