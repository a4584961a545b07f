import { describe, expect, it } from 'vitest';
import { Postlog, type PostlogAccess } from '../../../src/postfix/postlog.ts';

type Outcome = ReturnType<PostlogAccess['run']>;

const GOOD = { status: 0, stdout: '', stderr: '' };

function access({
  name,
  fed,
  listens = true,
}: {
  readonly name: Outcome;
  readonly fed: Outcome;
  readonly listens?: boolean;
}) {
  const calls: string[] = [];
  const system: PostlogAccess = {
    run: (command, args) => {
      calls.push([command, ...args].join(' '));
      return name;
    },
    feed: (command, args, input) => {
      calls.push([command, ...args, JSON.stringify(input)].join(' '));
      return fed;
    },
    isThere: (path) => listens && path === '/dev/log',
  };
  return { calls, system };
}

const NAMED = { ...GOOD, stdout: 'postfix-out\n\n' };

describe('the mail log', () => {
  it('is written by postlog, under the name of the instance, which is asked for once', () => {
    const { calls, system } = access({ name: NAMED, fed: GOOD });
    const log = new Postlog('/etc/postfix-out', system);
    expect(log.write(['a', 'b'], 'info')).toBeUndefined();
    expect(log.write(['c'], 'warn')).toBeUndefined();
    expect(calls).toEqual([
      'postconf -c /etc/postfix-out -hx syslog_name maillog_file',
      'postlog -c /etc/postfix-out -p info -t postfix-out/postsnap "a\\nb\\n"',
      'postlog -c /etc/postfix-out -p warn -t postfix-out/postsnap "c\\n"',
    ]);
  });

  it('is not written where nobody listens, unless it is a file', () => {
    const nowhere = access({ name: NAMED, fed: GOOD, listens: false });
    expect(new Postlog(undefined, nowhere.system).write(['a'], 'info')).toBeUndefined();
    expect(nowhere.calls).toHaveLength(1);
    const file = access({ name: { ...GOOD, stdout: 'postfix\n/var/log/maillog\n' }, fed: GOOD, listens: false });
    expect(new Postlog(undefined, file.system).write(['a'], 'info')).toBeUndefined();
    expect(file.calls.at(-1)).toBe('postlog -p info -t postfix/postsnap "a\\n"');
  });

  it.each([
    ['there is no Postfix', undefined],
    ['its configuration is broken', { status: 1, stdout: '', stderr: 'postconf: fatal: main.cf' }],
  ])('is left to logger where %s', (_, name) => {
    const { calls, system } = access({ name, fed: { ...GOOD, status: 1, stderr: 'no socket' } });
    expect(new Postlog(undefined, system).write(['a'], 'warn')).toBeUndefined();
    expect(calls.at(-1)).toBe('logger -p mail.warning -t postfix/postsnap "a\\n"');
  });

  it.each<[string, Outcome, string | undefined]>([
    ['ends badly', { status: 1, stdout: '', stderr: 'postlog: fatal: no\nmore' }, 'postlog: fatal: no'],
    ['hangs', { status: undefined, stdout: '', stderr: '' }, 'postlog did not end'],
    ['is missing', undefined, undefined],
  ])('tells if postlog %s', (_, fed, said) => {
    expect(new Postlog(undefined, access({ name: NAMED, fed }).system).write(['a'], 'info')).toBe(said);
  });

  it('never throws', () => {
    const { system } = access({ name: NAMED, fed: GOOD });
    const feed = () => {
      throw Object.assign(new Error('spawnSync postlog EAGAIN'), { code: 'EAGAIN', errno: -11 });
    };
    expect(new Postlog(undefined, { ...system, feed }).write(['a'], 'info')).toBe(
      'Resource temporarily unavailable (EAGAIN)',
    );
  });
});
