/** The files of a queue that only root can read. */

import { expect, it } from 'vitest';
import { RootsFiles } from '../../../src/backup/roots-files.ts';

function warned(paths: readonly string[]): string[] {
  const files = new RootsFiles();
  for (const path of paths) {
    files.note(path);
  }
  const messages: string[] = [];
  const onEvent = (event: { kind: string; message?: string }): void => void messages.push(event.message ?? '');
  files.warn({ onEvent }, { owner: 'postfix', queueDirectory: '/q' });
  return messages;
}

it('says nothing where there is none', () => {
  expect(warned([])).toEqual([]);
});

it('names one, counted once however often it was read, and how it is mended', () => {
  const [message] = warned(['hold/A1', 'hold/A1']);
  expect(message).toMatch(
    /^1 file of this queue is in the archive, but only root can read it, and Postfix can't: hold\/A1\. /u,
  );
  expect(message).toContain('chown -R postfix on the queues below /q');
});

it('names three of many', () => {
  expect(warned(['hold/A1', 'hold/A2', 'hold/A3', 'hold/A4'])[0]).toMatch(
    /^4 files of this queue are .* can't: hold\/A1, hold\/A2, hold\/A3, \.\.\.\. /u,
  );
});
