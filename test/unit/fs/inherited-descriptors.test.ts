import { describe, expect, it } from 'vitest';
import { inheritedDescriptors } from '../../../src/fs/inherited-descriptors.ts';
import { errnoError } from '../../support/disk/errno-error.ts';

describe('inherited descriptors', () => {
  it('are those that are not closed on exec', () => {
    const flags = new Map([
      ['0', '0100000'],
      ['7', '0100001'],
      ['8', '02100001'],
    ]);
    const read = (path: string): string | undefined => {
      const value = flags.get(path.slice('/proc/self/fdinfo/'.length));
      return value === undefined ? undefined : `pos:\t0\nflags:\t${value}\n`;
    };
    expect(inheritedDescriptors({ readdir: () => ['0', '7', '8', '9'] }, read)).toEqual([7]);
  });

  it('are none where there is no /proc', () => {
    const readdir = (): string[] => {
      throw errnoError('ENOENT', 'scandir');
    };
    expect(inheritedDescriptors({ readdir }, () => undefined)).toEqual([]);
  });
});
