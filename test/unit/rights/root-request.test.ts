import { assert, bigInt, boolean, constantFrom, jsonValue, nat, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRequest, encodeRequest, READ_MAXIMUM, type RootRequest } from '../../../src/rights/root-request.ts';

const file = {
  queueId: constantFrom('3F2A1C0DE', '3zzb1k0wXYzB'),
  inode: bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  size: nat(),
  owner: record({ uid: nat(0xffff_fffe), gid: nat(0xffff_fffe) }),
  mode: nat(0o7777),
};

const requests = oneof(
  constantFrom<RootRequest>({ ask: 'state-directory' }),
  record({ ...file, isSynced: boolean() }).map((request): RootRequest => ({ ask: 'give', request })),
  record({ ...file, stagedNs: bigInt({ min: 0n, max: 2n ** 63n }), mtimeNs: bigInt({ min: 0n, max: 2n ** 63n }) }).map(
    (request): RootRequest => ({ ask: 'set-time', request }),
  ),
  file.owner.map((owner): RootRequest => ({ ask: 'try-to-give', file: 'try-ab12.tmp', owner })),
  constantFrom('deferred/3/3F2A1C0DE', 'maildrop/3F2A1C0DE', 'trace/3F2A1C0DE#FIX').map(
    (path): RootRequest => ({ ask: 'open', path }),
  ),
  record({ handle: nat(), position: nat(), length: nat(READ_MAXIMUM) }).map(
    (range): RootRequest => ({ ask: 'read', ...range }),
  ),
  record({
    path: constantFrom('deferred/3/3F2A1C0DE', 'maildrop/3F2A1C0DE', 'trace/3F2A1C0DE#FIX'),
    inode: file.inode,
    makesReady: boolean(),
  }).map((request): RootRequest => ({ ask: 'mend', request: { kind: 'file', ...request } })),
  record({ path: constantFrom('deferred/3', 'defer/3/F'), inode: file.inode }).map(
    (request): RootRequest => ({ ask: 'mend', request: { kind: 'directory', makesReady: false, ...request } }),
  ),
  constantFrom('status', 'close').chain((ask) => nat().map((handle): RootRequest => ({ ask, handle }))),
);

const decode = (text: string): RootRequest | undefined => decodeRequest(JSON.parse(text));

describe('a request to root', () => {
  it('comes out as it went in', () => {
    assert(
      property(requests, (request) => {
        expect(decode(encodeRequest(request))).toEqual(request);
      }),
    );
  });

  it('is nothing else than what an encoder makes, whatever is sent', () => {
    assert(
      property(jsonValue(), (value) => {
        const request = decodeRequest(value);
        return request === undefined || encodeRequest(request) === JSON.stringify(value);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['an unknown one', ['become-root']],
    ['no array', { ask: 'state-directory' }],
    ['something left over', ['state-directory', 1]],
    ['an absolute path', ['open', '/etc/shadow']],
    ['a way up', ['open', 'deferred/../../etc/shadow']],
    ['a way up in path of a name', ['open', 'deferred/..']],
    ['a directory', ['open', 'deferred']],
    ['a hidden name', ['open', 'deferred/.ssh']],
    ['what is no queue', ['open', 'private/rewrite']],
    ['the state directory', ['open', 'postsnap/lock']],
    ['an empty name', ['open', 'deferred//3F2A1C0DE']],
    ['a name with an end of text', ['open', 'deferred/3F2A1C0DE\0']],
    ['a long directory', ['open', 'deferred/AB/3F2A1C0DE']],
    ['too many directories', ['open', `deferred/${'A/'.repeat(17)}3F2A1C0DE`]],
    ['too much at a time', ['read', 1, 0, READ_MAXIMUM + 1]],
    ['a path before the beginning', ['read', 1, -1, 10]],
    ['a fraction', ['read', 1.5, 0, 10]],
    ['another spelling of a number', ['give', '3F2A1C0DE', '007', 1, 1000, 1000, 0o744, false]],
    ['a number as a text', ['give', '3F2A1C0DE', '7', '1', 1000, 1000, 0o744, false]],
    ['the uid that leaves the owner', ['give', '3F2A1C0DE', '7', 1, 0xffff_ffff, 1000, 0o744, false]],
    ['a negative uid', ['give', '3F2A1C0DE', '7', 1, -1, 1000, 0o744, false]],
    ['the type of a file in a mode', ['give', '3F2A1C0DE', '7', 1, 1000, 1000, 0o100744, false]],
  ])('is refused: %s', (_, value) => {
    expect(decodeRequest(value)).toBeUndefined();
  });

  it.each([
    ['directory', 'deferred'],
    ['directory', 'maildrop/A'],
    ['directory', 'pid/A'],
    ['directory', 'deferred/..'],
    ['directory', '../A'],
    ['file', 'deferred'],
    ['file', 'deferred/../../etc/shadow'],
    ['file', 'postsnap/lock'],
    ['link', 'deferred/A'],
  ])('to mend the %s %s is none', (kind, path) => {
    expect(decode(JSON.stringify(['mend', kind, path, '7', false]))).toBeUndefined();
  });
});
