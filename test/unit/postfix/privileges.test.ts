import { describe, expect, it } from 'vitest';
import {
  asOwner,
  asOwnerUntil,
  asRoot,
  type ProcessCredentials,
  refuseSetUid,
} from '../../../src/postfix/privileges.ts';
import { errnoError } from '../../support/disk/errno-error.ts';

interface State {
  uid: number;
  euid: number;
  gid: number;
  egid: number;
  groups: number[];
}

const ROOT: State = { uid: 0, euid: 0, gid: 0, egid: 0, groups: [0, 4] };
const OWNER = { uid: 101, gid: 103 };

/** A process as the system treats it: only an effective root may change groups, or users but to its real one. */
function processAs(initial: State) {
  const state = { ...initial };
  const changes: string[] = [];
  const asRoot = (change: string, make: () => void) => {
    if (state.euid !== 0) {
      throw errnoError('EPERM', change);
    }
    make();
    changes.push(change);
  };
  const credentials: ProcessCredentials = {
    getuid: () => state.uid,
    geteuid: () => state.euid,
    getgid: () => state.gid,
    getegid: () => state.egid,
    getgroups: () => [...new Set([...state.groups, state.egid])],
    setgroups: (groups) => asRoot(`groups ${groups.join(',')}`, () => (state.groups = [...groups])),
    setegid: (gid) => asRoot(`egid ${gid}`, () => (state.egid = gid)),
    seteuid: (uid) => {
      if (state.euid !== 0 && uid !== state.uid) {
        throw errnoError('EPERM', 'seteuid');
      }
      state.euid = uid;
      changes.push(`euid ${uid}`);
    },
  };
  return { state, changes, credentials };
}

describe('asOwner', () => {
  it('drops groups, group and user in this order, and takes them back in the other', () => {
    const { state, changes, credentials } = processAs(ROOT);
    const during = asOwner(OWNER, () => ({ ...state }), credentials);
    expect(during).toEqual({ ...ROOT, euid: 101, egid: 103, groups: [] });
    expect(changes).toEqual(['groups ', 'egid 103', 'euid 101', 'euid 0', 'egid 0', 'groups 0,4']);
    expect(state).toEqual(ROOT);
  });

  it('takes them back when the work fails', () => {
    const { state, credentials } = processAs(ROOT);
    const failing = () => {
      throw new Error('failed');
    };
    expect(() => asOwner(OWNER, failing, credentials)).toThrow('failed');
    expect(state).toEqual(ROOT);
  });

  it('keeps them until work that waits is done', async () => {
    const { state, credentials } = processAs(ROOT);
    const work = async () => {
      await Promise.resolve();
      return state.euid;
    };
    expect(await asOwnerUntil(OWNER, work, credentials)).toBe(101);
    expect(state).toEqual(ROOT);
  });

  it('changes nothing for the owner', () => {
    const { changes, credentials } = processAs({ uid: 101, euid: 101, gid: 103, egid: 103, groups: [] });
    expect(asOwner(OWNER, () => 'done', credentials)).toBe('done');
    expect(changes).toEqual([]);
  });

  it('changes nothing within itself', () => {
    const { changes, credentials } = processAs(ROOT);
    asOwner(OWNER, () => asOwner(OWNER, () => 'done', credentials), credentials);
    expect(changes).toHaveLength(6);
  });

  it('refuses anybody else', () => {
    const { credentials } = processAs({ uid: 500, euid: 500, gid: 500, egid: 500, groups: [] });
    expect(() => asOwner(OWNER, () => 'done', credentials)).toThrow(expect.objectContaining({ code: 'not-permitted' }));
  });

  it.each(['setgroups', 'setegid', 'seteuid'] as const)('does no work if %s fails, and restores the rest', (name) => {
    const { state, credentials } = processAs(ROOT);
    let calls = 0;
    const failing: ProcessCredentials = {
      ...credentials,
      [name]: (value: never) => {
        calls += 1;
        if (calls === 1) {
          throw errnoError('EPERM', name);
        }
        credentials[name](value);
      },
    };
    let worked = false;
    const work = () => {
      worked = true;
    };
    expect(() => asOwner(OWNER, work, failing)).toThrow('EPERM');
    expect(worked).toBe(false);
    expect(state).toEqual(ROOT);
  });

  it.each(['setgroups', 'setegid', 'seteuid'] as const)('does no work if %s says yes and does nothing', (name) => {
    const { credentials } = processAs(ROOT);
    let worked = false;
    const work = () => {
      worked = true;
    };
    expect(() => asOwner(OWNER, work, { ...credentials, [name]: () => undefined })).toThrow('did not take on');
    expect(worked).toBe(false);
  });
});

describe('asRoot', () => {
  it('takes root and gives it back, and changes nothing within itself', () => {
    const { changes, credentials } = processAs(ROOT);
    const euids: number[] = [];
    const look = () => {
      euids.push(credentials.geteuid());
    };
    const lookTwice = () => {
      asRoot(look, credentials);
      asRoot(look, credentials);
    };
    const work = () => {
      asRoot(lookTwice, credentials);
      look();
    };
    asOwner(OWNER, work, credentials);
    expect(euids).toEqual([0, 0, 101]);
    expect(changes.slice(3, -3)).toEqual(['euid 0', 'euid 101']);
  });
});

describe('refuseSetUid', () => {
  it.each([
    ['set-uid', { ...ROOT, uid: 500 }],
    ['set-gid', { ...ROOT, gid: 500 }],
  ])('refuses a %s program', (_, state) => {
    expect(() => refuseSetUid(processAs(state).credentials)).toThrow(
      expect.objectContaining({ code: 'not-permitted' }),
    );
  });

  it('lets everybody else pass', () => {
    expect(() => refuseSetUid(processAs(ROOT).credentials)).not.toThrow();
    expect(() => refuseSetUid()).not.toThrow();
  });
});
