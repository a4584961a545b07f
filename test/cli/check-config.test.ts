/** Each line of check-config that can be wrong: it fails alone, with what to do next, and the command ends in 78. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import { makeSampleQueue, queueOptions, scratchDirectory } from '../support/queue/sample-queue.ts';
import { mounting, mountMemory } from '../support/torture/mounts.ts';
import { describeWith, root } from '../support/torture/requirements.ts';

interface Point {
  readonly name: string;
  readonly ok: boolean;
  readonly text: string;
}

/** What is looked at: of each the right thing, unless a test has another. */
interface Looked {
  readonly file?: string;
  readonly installation?: readonly string[];
  readonly store?: string;
}

describeWith([root, mounting], 'check-config', () => {
  let scratch: string;
  let source: string;
  const at = (name: string) => join(scratch, name);
  beforeAll(() => {
    scratch = scratchDirectory();
    source = makeSampleQueue(at('source'));
    mkdirSync(at('store'), { mode: 0o700 });
    writeFileSync(at('postsnap.toml'), '');
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  const argumentsFor = ({ file = at('postsnap.toml'), installation = queueOptions(source), store }: Looked) => [
    'check-config',
    '--configuration',
    file,
    '--store',
    store ?? at('store'),
    ...installation,
  ];

  /** The points that are wrong, but for the schedule: it is the machine's. */
  function wrongOf(looked: Looked): readonly Point[] {
    const ended = postsnap([...argumentsFor(looked), '-j']);
    const { points } = JSON.parse(ended.stdout) as { readonly points: readonly Point[] };
    const wrong = points.filter(({ ok }) => !ok);
    expect([ended.status, ended.stderr]).toEqual([wrong.length === 0 ? 0 : 78, '']);
    return wrong.filter(({ name }) => name !== 'schedule');
  }

  /** People are told the same, a line for each point; who wants nothing but what is wrong, on stderr. */
  function expectToldToo(looked: Looked, { name, text }: Point): void {
    const ended = postsnap(argumentsFor(looked));
    expect(ended).toMatchObject({ status: 78, stderr: '' });
    expect(ended.stdout.split('\n').filter((line) => line.trimStart().startsWith('WRONG'))).toContainEqual(
      expect.stringMatching(new RegExp(`^ *WRONG +${name}: `, 'u')),
    );
    const quiet = postsnap([...argumentsFor(looked), '-q']);
    expect(quiet).toMatchObject({ status: 78, stdout: '' });
    expect(quiet.stderr.split('\n')).toContain(`postsnap: warning: ${name}: ${text}`);
  }

  test('finds nothing wrong where all is right', () => {
    expect(wrongOf({})).toEqual([]);
  });

  const written = (name: string, text: string, mode = 0o600): string => {
    writeFileSync(at(name), text, { mode });
    chmodSync(at(name), mode);
    return at(name);
  };

  test.each<{ title: string; name: string; looked: () => Looked; text: RegExp }>([
    {
      title: 'a key that there is not',
      name: 'configuration',
      looked: () => ({ file: written('unknown.toml', 'kep-daily = 3\n') }),
      text: /unknown\.toml:1: .*kep-daily.*keep-daily/u,
    },
    {
      title: 'a value that is out of bounds',
      name: 'configuration',
      looked: () => ({ file: written('bounds.toml', '\nlevel = 99\n') }),
      text: /bounds\.toml:2: level: expected is/u,
    },
    {
      title: 'a secret that everybody may read',
      name: 'configuration',
      looked: () => ({ file: written('open.toml', 'ping = "https://ping.example/uuid"\n', 0o644) }),
      text: /everybody may read it\. `chmod o-r .*open\.toml`\.$/u,
    },
    {
      title: 'a queue directory that is not there',
      name: 'postfix',
      looked: () => ({ installation: ['--queue-directory', at('nowhere')] }),
      text: /there is no queue directory .*nowhere: .*\. Name the directory with --queue-directory/u,
    },
    {
      title: 'a parameter that makes no sense',
      name: 'postfix',
      looked: () => ({ installation: [...queueOptions(source), '-o', 'minimal_backoff_time=soon'] }),
      text: /minimal_backoff_time .*soon\. Mend main\.cf/u,
    },
    {
      title: 'a directory without queues',
      name: 'queue',
      looked: () => {
        mkdirSync(at('no-queue'), { recursive: true });
        return { installation: ['--queue-directory', at('no-queue')] };
      },
      text: /has none of Postfix's queues\. Is it the right directory, and its disk mounted\?/u,
    },
    {
      title: 'a store that is not there',
      name: 'store',
      looked: () => ({ store: at('no-store') }),
      text: /there is no store .*no-store.*\. Is its disk mounted\?/u,
    },
    {
      title: 'a store that is a file',
      name: 'store',
      looked: () => ({ store: written('file', '') }),
      text: /file.*\. \S+/u,
    },
  ])('finds $title, alone', ({ name, looked, text }) => {
    const given = looked();
    const wrong = wrongOf(given);
    expect(wrong).toEqual([{ name, ok: false, text: expect.stringMatching(text) }]);
    for (const point of wrong) {
      expectToldToo(given, point);
    }
  });

  test('finds a store on a disk that takes no writes, alone', () => {
    const disk = mountMemory(at('read-only'), 'size=1m');
    try {
      execFileSync('mount', ['-o', 'remount,ro', disk.path]);
      const wrong = wrongOf({ store: disk.path });
      expect(wrong).toEqual([{ name: 'store', ok: false, text: expect.stringMatching(/EROFS.*\. \S+/u) }]);
    } finally {
      disk.unmount();
    }
  });

  test('says that no store is known yet, where it may be named in a file that has to be mended', () => {
    const file = written('store-and-fault.toml', `store = "${at('store')}"\nkep-daily = 3\n`);
    const { status, stdout } = postsnap(['check-config', '-j', '--configuration', file, ...queueOptions(source)]);
    const { points } = JSON.parse(stdout) as { readonly points: readonly Point[] };
    expect([status, points.find(({ name }) => name === 'store')?.text]).toEqual([
      78,
      'none is known. Mend the configuration first: it may name one.',
    ]);
  });

  test('finds too little room for three archives of the last size, alone', () => {
    const disk = mountMemory(at('small'), 'size=1m');
    try {
      const line = join(disk.path, 'mail.example.org');
      mkdirSync(line, { mode: 0o700 });
      const archive = join(line, '20260101T000000Z-00000001.tar.zst');
      writeFileSync(archive, Buffer.alloc(256 * 1024));
      // 768 kB are free: three times 256.
      expect(wrongOf({ store: disk.path })).toEqual([]);
      writeFileSync(join(line, '20260102T000000Z-00000002.tar.zst'), Buffer.alloc(8192));
      // The newest is small, and an old one may be as large as it likes.
      expect(wrongOf({ store: disk.path })).toEqual([]);
      truncateSync(join(line, '20260102T000000Z-00000002.tar.zst'), 0);
      writeFileSync(join(line, '20260103T000000Z-00000003.tar.zst'), Buffer.alloc(260 * 1024));
      const wrong = wrongOf({ store: disk.path });
      const text = expect.stringMatching(/ are free, the newest snapshots have up to .*\. Make room for 3 of them/u);
      expect(wrong).toEqual([{ name: 'room', ok: false, text }]);
      for (const point of wrong) {
        expectToldToo({ store: disk.path }, point);
      }
    } finally {
      disk.unmount();
    }
  });

  test('finds a snapshot that is later than the clock, alone', () => {
    mkdirSync(at('later/mail.example.org'), { recursive: true, mode: 0o700 });
    writeFileSync(at('later/mail.example.org/29990101T000000Z-00000001.tar.zst'), 'x');
    expect(wrongOf({ store: at('later') })).toEqual([
      { name: 'clock', ok: false, text: expect.stringMatching(/29990101T.* is later\. Look which clock is wrong\.$/u) },
    ]);
  });
});
