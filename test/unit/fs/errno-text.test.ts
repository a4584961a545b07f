import { expect, test } from 'vitest';
import { errnoText } from '../../../src/fs/errno-text.ts';

test.each([
  ['ENOSPC', 'No space left on device (ENOSPC)'],
  ['EACCES', 'Permission denied (EACCES)'],
  ['EIO', 'Input/output error (EIO)'],
  ['EWHATEVER', 'EWHATEVER'],
])('%s is said as %s', (errno, text) => {
  expect(errnoText(errno)).toBe(text);
});
