import { expect, it } from 'vitest';
import { decodeMarkedName, encodeMark } from '../../../src/fs/marked-name.ts';
import { identifyProcess, livenessOf, type ProcessIdentity } from '../../../src/fs/process-identity.ts';

const RANDOM = '0123456789ab';
const SELF: ProcessIdentity = {
  host: 'mail',
  machine: 'm1',
  pid: 4711,
  bootId: 'b1',
  pidNamespace: 'pid:[1]',
  startTime: '99887766',
};

const nameFor = (owner: ProcessIdentity, name = 'queue.tar.zst') => `.${name}.${encodeMark(owner, RANDOM)}.tmp`;

it('gives the writer back to an observer on the same system', () => {
  expect(decodeMarkedName(nameFor(SELF), { ...SELF, pid: 1, startTime: '5' })).toEqual(SELF);
  expect(decodeMarkedName(nameFor({ ...SELF, startTime: '' }), SELF)).toEqual({ ...SELF, startTime: '' });
});

it.each<[string, Partial<ProcessIdentity>, string]>([
  ['the same process', {}, 'alive'],
  ['one of before the last start of the system', { bootId: 'b0' }, 'dead'],
  ['one whose pid another process has by now', { startTime: '1' }, 'dead'],
  ['one of another host', { host: 'mail2', startTime: '1' }, 'unknown'],
  ['one of another machine of the same name', { machine: 'm2', bootId: 'b0' }, 'unknown'],
  ['one of another container', { pidNamespace: 'pid:[2]', startTime: '1' }, 'unknown'],
])('tells what became of %s', (_, other, liveness) => {
  const self = { ...identifyProcess(), machine: 'm1' };
  const identity: ProcessIdentity = { ...self, ...other };
  const owner = decodeMarkedName(nameFor(identity), self);
  expect(owner === undefined ? undefined : livenessOf(owner, self)).toBe(liveness);
});

it.each([
  'queue.tar.zst',
  '.queue.tar.zst.0123456789ab.tmp',
  `.queue.${encodeMark(SELF, RANDOM)}`,
  `queue.${encodeMark(SELF, RANDOM)}.tmp`,
  `..${encodeMark(SELF, RANDOM)}.tmp`,
  `.queue.${encodeMark(SELF, 'short')}.tmp`,
  '.queue.0-0-0-0-0-0.tmp',
])('takes %s for nobody’s', (name) => {
  expect(decodeMarkedName(name, SELF)).toBeUndefined();
});

it('takes names with any characters, and fits behind the longest', () => {
  expect(decodeMarkedName(nameFor(SELF, 'a\nb.tmp'), SELF)).toEqual(SELF);
  const longest = { ...SELF, pid: 4_194_304, startTime: '18446744073709551615' };
  expect(nameFor(longest, 'x'.repeat(180)).length).toBeLessThanOrEqual(255);
});
