import { describe, expect, test } from 'vitest';
import { namedFile, normalName } from '../../../src/import/tar-name.ts';

const ID = 'A1B2C3D4E5';

function placeOf(name: string): unknown {
  const file = namedFile(normalName(name));
  return file.kind === 'queue-file'
    ? [file.read.root, file.read.queueName, file.read.id.text, file.read.depth, file.read.isUnfinishedRename]
    : file.kind;
}

describe('a queue file is known by its name, whatever stands before it', () => {
  test.each([
    [`deferred/A/${ID}`, ['', 'deferred', ID, 1, false]],
    [`./deferred/A/1/${ID}`, ['', 'deferred', ID, 2, false]],
    [`/var/spool/postfix/hold/${ID}`, ['var/spool/postfix', 'hold', ID, 0, false]],
    [`var//spool/./postfix/maildrop/${ID}`, ['var/spool/postfix', 'maildrop', ID, 0, false]],
    [`vmail/postfix/defer/A/${ID}`, ['vmail/postfix', 'defer', ID, 1, false]],
    [`active/deferred/A/${ID}`, ['active', 'deferred', ID, 1, false]],
    [`trace/${ID}#FIX`, ['', 'trace', ID, 0, true]],
    ['incoming/3PktGL5KVzzSMCy', ['', 'incoming', '3PktGL5KVzzSMCy', 0, false]],
  ])('%s', (name, expected) => {
    expect(placeOf(name)).toEqual(expected);
  });
});

test.each([
  ['hold/notes.txt', 'odd'],
  ['../hold/A1B2C3D4E5', 'odd'],
  [`hold/../../etc/${ID}`, 'odd'],
  [ID, 'odd'],
  [`./A/${ID}`, 'odd'],
  ['postsnap/20250101.staged/0.message', 'odd'],
  [`deferred/${'A/'.repeat(17)}${ID}`, 'odd'],
  ['incoming/123456.789', 'other'],
  ['private/bounce', 'other'],
  ['flush/example_com', 'other'],
  ['pid/master.pid', 'other'],
  ['etc/localtime', 'other'],
  [`documents/${ID}`, 'other'],
])('%s is %s', (name, kind) => {
  expect(placeOf(name)).toBe(kind);
});
