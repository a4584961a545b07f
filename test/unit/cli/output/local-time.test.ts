import { afterEach, describe, expect, test, vi } from 'vitest';
import { localTime } from '../../../../src/cli/output/local-time.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a moment for people is local, with its distance from UTC', () => {
  test.each([
    ['Europe/Berlin', '2026-01-02 04:04:05 +0100'],
    ['America/St_Johns', '2026-01-01 23:34:05 -0330'],
    ['Asia/Kolkata', '2026-01-02 08:34:05 +0530'],
    ['UTC', '2026-01-02 03:04:05 +0000'],
  ])('%s', (zone, expected) => {
    vi.stubEnv('TZ', zone);
    expect(localTime('2026-01-02T03:04:05.678Z')).toBe(expected);
    expect(localTime(Date.parse('2026-01-02T03:04:05.678Z'))).toBe(expected);
  });

  test('what is no time stays what it is', () => {
    expect(localTime('noon')).toBe('noon');
  });
});
