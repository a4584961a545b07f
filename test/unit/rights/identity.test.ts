import { describe, expect, it } from 'vitest';
import { isOnly, type ProcessIdentity, refuseOthers, refuseSetUid } from '../../../src/rights/identity.ts';

interface State {
  readonly uid: number;
  readonly euid: number;
  readonly gid: number;
  readonly egid: number;
  readonly groups: readonly number[];
}

const ROOT: State = { uid: 0, euid: 0, gid: 0, egid: 0, groups: [0, 4] };
const OWNER = { uid: 101, gid: 103 };
const ONLY_OWNER: State = { uid: 101, euid: 101, gid: 103, egid: 103, groups: [] };

function processAs({ uid, euid, gid, egid, groups }: State): ProcessIdentity {
  return {
    getuid: () => uid,
    geteuid: () => euid,
    getgid: () => gid,
    getegid: () => egid,
    // getgroups(2): whether the effective group is among them is left to the system, and Node always adds it.
    getgroups: () => [...new Set([...groups, egid])],
  };
}

const notPermitted: unknown = expect.objectContaining({ code: 'not-permitted' });

describe('refuseSetUid', () => {
  it.each([
    ['set-uid', { ...ROOT, uid: 500 }],
    ['set-gid', { ...ROOT, gid: 500 }],
  ])('refuses a %s program', (_, state) => {
    expect(() => refuseSetUid(processAs(state))).toThrow(notPermitted);
  });

  it('lets everybody else pass', () => {
    expect(() => refuseSetUid(processAs(ROOT))).not.toThrow();
    expect(() => refuseSetUid()).not.toThrow();
  });
});

describe('refuseOthers', () => {
  it('lets root and the owner pass, and nobody else', () => {
    expect(() => refuseOthers(OWNER, processAs(ROOT))).not.toThrow();
    expect(() => refuseOthers(OWNER, processAs(ONLY_OWNER))).not.toThrow();
    expect(() => refuseOthers(OWNER, processAs({ ...ONLY_OWNER, euid: 500 }))).toThrow(notPermitted);
  });
});

describe('isOnly', () => {
  it('is true of the owner with his own group alone', () => {
    expect(isOnly(OWNER, processAs(ONLY_OWNER))).toBe(true);
    expect(isOnly(OWNER, processAs({ ...ONLY_OWNER, groups: [103] }))).toBe(true);
  });

  it.each([
    ['a user', { uid: 0 }],
    ['an effective user', { euid: 0 }],
    ['a group', { gid: 0 }],
    ['an effective group', { egid: 0 }],
    ['a supplementary group', { groups: [103, 4] }],
  ])('is false where %s is left', (_, rest) => {
    expect(isOnly(OWNER, processAs({ ...ONLY_OWNER, ...rest }))).toBe(false);
  });
});
