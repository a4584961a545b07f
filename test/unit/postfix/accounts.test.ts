import { describe, expect, it } from 'vitest';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { SystemAccounts } from '../../../src/postfix/accounts.ts';

function withEntries(entries: Readonly<Record<string, string>>) {
  const calls: string[] = [];
  const run = (_: string, words: readonly string[]) => {
    const key = words.join(' ');
    calls.push(key);
    const entry = entries[key];
    return { status: entry === undefined ? 2 : 0, stdout: entry ?? '', stderr: '' };
  };
  return { calls, accounts: new SystemAccounts({ fs: nodeFileSystem, run }) };
}

const entries = {
  'passwd postfix': 'postfix:x:101:103::/var/spool/postfix:/usr/sbin/nologin\n',
  'passwd 101': 'postfix:x:101:103::/var/spool/postfix:/usr/sbin/nologin\n',
  'group postdrop': 'postdrop:x:104:\n',
  'group 104': 'postdrop:x:104:\n',
  'passwd 7': 'lp:x:7:7::/:/bin/sh\n',
};

describe('SystemAccounts', () => {
  it('knows users and groups by name and by number', () => {
    const { accounts } = withEntries(entries);
    expect(accounts.user('postfix')).toEqual({ uid: 101, gid: 103 });
    expect(accounts.group('postdrop')).toBe(104);
    expect(accounts.userName(101)).toBe('postfix');
    expect(accounts.groupName(104)).toBe('postdrop');
  });

  it('tells numbers that nobody has', () => {
    const { accounts } = withEntries(entries);
    expect(accounts.userName(4711)).toBeUndefined();
    expect(accounts.groupName(4711)).toBeUndefined();
  });

  it('asks for each once, for those that are not there too', () => {
    const { accounts, calls } = withEntries(entries);
    for (let count = 0; count < 3; count += 1) {
      accounts.user('postfix');
      accounts.userName(4711);
    }
    expect(calls).toEqual(['passwd postfix', 'passwd 4711']);
  });

  it.each(['nobody-here', '7', '-s', ''])('refuses the user %j', (name) => {
    expect(() => withEntries(entries).accounts.user(name)).toThrow(expect.objectContaining({ code: 'unavailable' }));
  });

  it('refuses a group that is not there, and says which parameter names it', () => {
    expect(() => withEntries(entries).accounts.group('none')).toThrow(
      expect.objectContaining({ code: 'unavailable', nextStep: expect.stringContaining('setgid_group') }),
    );
  });

  it('does not take a name service that fails for one that knows nobody', () => {
    const run = () => ({ status: 3, stdout: '', stderr: 'no enumeration' });
    expect(() => new SystemAccounts({ fs: nodeFileSystem, run }).userName(0)).toThrow('no enumeration');
  });

  it('reads the files themselves where there is no getent', () => {
    const accounts = new SystemAccounts({ fs: nodeFileSystem, run: () => undefined });
    const [named, asked] = [accounts, new SystemAccounts()].map((known) => [
      known.user('daemon'),
      known.group('daemon'),
      known.userName(65_534),
      known.groupName(0),
      known.userName(4_000_000_000),
    ]);
    expect(named).toEqual(asked);
    expect(() => accounts.user('nobody-here')).toThrow(expect.objectContaining({ code: 'unavailable' }));
  });

  it('takes numbers for the parameters, with the own group of a user that is known', () => {
    const { accounts } = withEntries(entries);
    expect(accounts.mailOwner('postfix')).toEqual({ uid: 101, gid: 103 });
    expect(accounts.mailOwner('101')).toEqual({ uid: 101, gid: 103 });
    expect(accounts.mailOwner('4101')).toEqual({ uid: 4101, gid: 4101 });
    expect(accounts.setgidGroup('postdrop')).toBe(104);
    expect(accounts.setgidGroup('4102')).toBe(4102);
    // What chown(2) would take for "leave it", and what is no number to anybody else.
    for (const value of ['4294967295', '99999999999', '007', '-1', '1e3', '']) {
      expect(() => accounts.mailOwner(value), value).toThrow(expect.objectContaining({ code: 'unavailable' }));
      expect(() => accounts.setgidGroup(value), value).toThrow(expect.objectContaining({ code: 'unavailable' }));
    }
  });

  it('knows root on the system itself', () => {
    expect(new SystemAccounts().user('root')).toEqual({ uid: 0, gid: 0 });
    expect(new SystemAccounts().userName(0)).toBe('root');
  });
});
