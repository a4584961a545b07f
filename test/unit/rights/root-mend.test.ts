import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { type MendRequest, queueMending } from '../../../src/rights/root-mend.ts';
import { describeWith, root } from '../../support/torture/requirements.ts';

const MAIL_OWNER = { uid: 12_345, gid: 12_346 };
const SUBMITTER = 54_321;

describeWith([root], 'what root mends for mail_owner', () => {
  let top: string;
  let queue: string;

  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'postsnap-mend-'));
    queue = join(top, 'queue');
    mkdirSync(join(queue, 'deferred', 'A'), { recursive: true });
    mkdirSync(join(queue, 'maildrop'));
    writeFileSync(join(top, 'secret'), 'secret', { mode: 0o600 });
  });
  afterEach(() => rmSync(top, { recursive: true }));

  function put(where: string, uid: number, mode: number): string {
    const path = join(queue, where);
    writeFileSync(path, 'mail');
    chownSync(path, uid, uid);
    chmodSync(path, mode);
    return path;
  }

  function mend(where: string, request: Partial<MendRequest> = {}, areLinksProtected = true): string | undefined {
    const inode = BigInt(statSync(join(queue, where)).ino);
    const ground = { fs: nodeFileSystem, queueDirectory: queue, owner: MAIL_OWNER, areLinksProtected };
    return queueMending(ground)({ kind: 'file', path: where, inode, makesReady: false, ...request });
  }

  function rightsOf(path: string): string {
    const { uid, gid, mode } = statSync(path);
    return `${uid}:${gid} ${(mode & 0o7777).toString(8)}`;
  }

  it.each([
    {
      what: "root's message becomes mail_owner's",
      at: 'deferred/A/A00011',
      uid: 0,
      mode: 0o700,
      rights: '12345:12346 700',
    },
    {
      what: "another user's message, too",
      at: 'deferred/A/A00011',
      uid: SUBMITTER,
      mode: 0o700,
      rights: '12345:12346 700',
    },
    {
      what: "what root's copy made root's in maildrop, too",
      at: 'maildrop/A00011',
      uid: 0,
      mode: 0o700,
      rights: '12345:12346 700',
    },
    { what: "root's own submission stays root's", at: 'maildrop/A00011', uid: 0, mode: 0o744, rights: '0:0 744' },
    {
      what: "a submission stays its submitter's",
      at: 'maildrop/A00011',
      uid: SUBMITTER,
      mode: 0o700,
      rights: '54321:54321 744',
    },
    {
      what: 'one that is open to all is closed',
      at: 'maildrop/A00011',
      uid: SUBMITTER,
      mode: 0o777,
      rights: '54321:54321 744',
    },
    {
      what: 'one that is being written is left alone',
      at: 'maildrop/A00011',
      uid: SUBMITTER,
      mode: 0o644,
      rights: '54321:54321 644',
    },
  ])('$what', ({ at, uid, mode, rights }) => {
    const path = put(at, uid, mode);
    expect(mend(at)).toBeUndefined();
    expect(rightsOf(path)).toBe(rights);
  });

  it('makes a whole submission ready when mail_owner has read it', () => {
    const path = put('maildrop/A00011', SUBMITTER, 0o640);
    expect(mend('maildrop/A00011', { makesReady: true })).toBeUndefined();
    expect(rightsOf(path)).toBe('54321:54321 744');
  });

  it("makes a hash directory mail_owner's", () => {
    expect(mend('deferred/A', { kind: 'directory' })).toBeUndefined();
    expect(rightsOf(join(queue, 'deferred/A'))).toBe('12345:12346 700');
  });

  it('gives nothing away that has another name, or is reached by a link', () => {
    const secret = rightsOf(join(top, 'secret'));
    linkSync(join(top, 'secret'), join(queue, 'deferred/A/A00011'));
    symlinkSync(join(top, 'secret'), join(queue, 'deferred/A/A00012'));
    symlinkSync(top, join(queue, 'deferred/B'));
    expect(mend('deferred/A/A00011')).toBe('EPERM');
    expect(mend('deferred/A/A00012')).toBe('ELOOP');
    expect(mend('deferred/B/secret')).toMatch(/ELOOP|ENOTDIR/u);
    expect(mend('deferred/B', { kind: 'directory' })).toMatch(/ELOOP|ENOTDIR/u);
    expect(rightsOf(join(top, 'secret'))).toBe(secret);
  });

  it('gives nothing away where anybody may make hard links', () => {
    const path = put('deferred/A/A00011', 0, 0o700);
    expect(mend('deferred/A/A00011', {}, false)).toBe('EPERM');
    expect(rightsOf(path)).toBe('0:0 700');
    const users = put('deferred/A/A00012', SUBMITTER, 0o600);
    expect(mend('deferred/A/A00012', {}, false)).toBe('EPERM');
    expect(rightsOf(users)).toBe('54321:54321 600');
  });

  it('lets mail_owner open what is his', () => {
    const path = put('deferred/A/A00011', MAIL_OWNER.uid, 0o010);
    expect(mend('deferred/A/A00011')).toBeUndefined();
    expect(rightsOf(path)).toMatch(/^12345:\d+ 410$/u);
  });

  it('leaves another file alone that has got the name meanwhile', () => {
    const path = put('deferred/A/A00011', 0, 0o700);
    expect(mend('deferred/A/A00011', { inode: 1n })).toBe('ENOENT');
    expect(rightsOf(path)).toBe('0:0 700');
  });
});
