import { expect, it } from 'vitest';
import { directoryFaults } from '../../../src/queue/directory-fault.ts';

const OWNERS = { uid: 104, setgidGroup: 112 };

it.each([
  ['.', { uid: 0, gid: 0, mode: 0o755 }],
  ['.', { uid: 0, gid: 7, mode: 0o751 }],
  ['pid', { uid: 0, gid: 0, mode: 0o700 }],
  ['deferred', { uid: 104, gid: 0, mode: 0o700 }],
  ['deferred/A', { uid: 104, gid: 104, mode: 0o755 }],
  ['maildrop', { uid: 104, gid: 112, mode: 0o730 }],
  ['public', { uid: 104, gid: 112, mode: 0o750 }],
])('%s is right as %o', (directory, status) => {
  expect(directoryFaults(directory, status, OWNERS)).toEqual([]);
});

it.each([
  ['.', { uid: 104, gid: 0, mode: 0o755 }, [{ kind: 'owner', is: 104, wanted: 0 }]],
  ['.', { uid: 0, gid: 0, mode: 0o775 }, [{ kind: 'writable', is: 0o775, wanted: 0o755 }]],
  ['.', { uid: 0, gid: 0, mode: 0o750 }, [{ kind: 'closed', is: 0o750, wanted: 0o755 }]],
  ['hold', { uid: 104, gid: 0, mode: 0o600 }, [{ kind: 'closed' }]],
  ['hold', { uid: 104, gid: 0, mode: 0o702 }, [{ kind: 'writable' }]],
  ['defer/0', { uid: 0, gid: 0, mode: 0o700 }, [{ kind: 'owner', is: 0, wanted: 104 }]],
  ['maildrop', { uid: 104, gid: 0, mode: 0o700 }, [{ kind: 'group', is: 0, wanted: 112 }, { kind: 'closed' }]],
  ['maildrop', { uid: 104, gid: 112, mode: 0o732 }, [{ kind: 'writable' }]],
  ['public', { uid: 104, gid: 112, mode: 0o700 }, [{ kind: 'closed' }]],
] as const)('%s is not right as %o', (directory, status, faults) => {
  expect(directoryFaults(directory, status, OWNERS)).toMatchObject(faults.map((fault) => ({ directory, ...fault })));
});

it('a setgid_group that is not known is not looked at', () => {
  const status = { uid: 104, gid: 0, mode: 0o730 };
  expect(directoryFaults('maildrop', status, { uid: 104, setgidGroup: undefined })).toEqual([]);
});
