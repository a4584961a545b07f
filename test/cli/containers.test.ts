import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, lchownSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import { install } from '../support/process/for-anybody.ts';
import { faultsOf } from '../support/torture/judge.ts';
import { mounting } from '../support/torture/mounts.ts';
import { census, messagesOf } from '../support/torture/queue-census.ts';
import { makeFullQueue, makeQueueDirectory, NOBODY, openScratch } from '../support/torture/queues.ts';
import { describeWith, root } from '../support/torture/requirements.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const GUIDE = readFileSync(fileURLToPath(new URL('../../docs/containers.md', import.meta.url)), 'utf8');
const DOCKER = fileURLToPath(new URL('../support/container/docker', import.meta.url));
// So many that some of them are submissions.
const MESSAGES = 150;

/** Where each keeps its queue, below a directory that stands for the host's root; and whose it is. */
const PRODUCTS = [
  { name: 'docker-mailserver', queue: 'docker-data/dms/mail-state/spool-postfix', uid: 101, gid: 102, setgid: 103 },
  { name: 'mailcow', queue: 'volumes/mailcowdockerized_postfix-vol-1', uid: 101, gid: 102, setgid: 103 },
  // Numbers that nobody has here.
  { name: 'Mailu', queue: 'mailu/mailqueue', uid: 4101, gid: 4102, setgid: 4103 },
] as const;

type Product = (typeof PRODUCTS)[number];
type Place = 'the host' | 'a container';

/** The recipe of a product, as it stands in the guide. */
function recipe(product: string, action: 'Back up' | 'Restore', place: Place): string {
  const [, section = ''] = GUIDE.split(`\n## ${product}\n`);
  const [, text = ''] = (section.split('\n## ')[0] ?? '').split(`\n${action}, from ${place}:\n\n\`\`\`sh\n`);
  const [commands = ''] = text.split('\n```');
  expect(commands).toContain(action === 'Restore' ? 'restore' : 'backup');
  return commands;
}

describeWith([root, mounting], 'a queue in a volume', () => {
  let scratch: string;
  let bin: string;
  let installation: string;

  beforeAll(() => {
    scratch = openScratch();
    installation = join(scratch, 'lib', 'postsnap');
    install(installation);
    bin = join(scratch, 'bin');
    mkdirSync(bin);
    symlinkSync(DOCKER, join(bin, 'docker'));
    symlinkSync(join(installation, 'bin', 'postsnap.js'), join(bin, 'postsnap'));
    symlinkSync(process.execPath, join(bin, 'node'));
  });
  beforeEach(() => {
    rmSync(join(scratch, 'backup'), { recursive: true, force: true });
    mkdirSync(join(scratch, 'backup'));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  /** A queue with submissions, some of them of a user who has no name here either, laid out for a product. */
  function fillQueue({ queue, uid, gid, setgid }: Product): string {
    const path = join(scratch, queue);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(join(path, '..'), { recursive: true });
    makeFullQueue(path, MESSAGES);
    giveTo(path, { uid, gid, setgid });
    return path;
  }

  /** As its image would have made it: root's, with sub-directories of mail_owner. */
  function emptyQueue({ queue, uid, gid, setgid }: Product): string {
    const path = join(scratch, queue);
    rmSync(path, { recursive: true });
    makeQueueDirectory(path, { uid, gid });
    giveTo(path, { uid, gid, setgid });
    return path;
  }

  /** Runs it where the scratch directory stands for the host's root directory; what a container sees stays as it is. */
  function runRecipe(commands: string, place: Place): SpawnSyncReturns<string> {
    const onHost = commands.replaceAll(/(?<=--volume |queue=)\/(?=backup|mailu)/gu, `${scratch}/`);
    const script = place === 'the host' ? onHost.replaceAll(/(?<=\s)\/(?=backup\/)/gu, `${scratch}/`) : onHost;
    return spawnSync('sh', ['-euc', script], {
      cwd: scratch,
      encoding: 'utf8',
      env: {
        PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`,
        TZ: 'UTC',
        CONTAINERS: scratch,
        POSTSNAP: installation,
        NODE: process.execPath,
      },
    });
  }

  test.each(
    PRODUCTS.flatMap((product) =>
      (['the host', 'a container'] as const).map((place) => [product.name, place, product] as const),
    ),
  )('of %s is backed up and restored from %s by the recipe of the guide', (name, place, product) => {
    const source = fillQueue(product);
    const kept = join(scratch, 'kept');
    rmSync(kept, { recursive: true, force: true });
    expect(spawnSync('cp', ['-a', source, kept]).status).toBe(0);

    const backup = runRecipe(recipe(name, 'Back up', place), place);
    expect([backup.status, backup.stderr]).toEqual([0, '']);
    expect(readdirSync(join(scratch, 'backup'))).toEqual(['queue.tar.zst']);
    const told = postsnap(['info', '-j', join(scratch, 'backup/queue.tar.zst')]);
    expect(JSON.parse(told.stdout)).toMatchObject({ messages: MESSAGES, myhostname: 'mail.example.com' });

    const target = emptyQueue(product);
    const restore = runRecipe(recipe(name, 'Restore', place), place);
    expect([restore.status, restore.stderr.replace(PAST_LIFETIME, '')]).toEqual([0, '']);
    expect(faultsOf(kept, target)).toEqual([]);
    expect(ownersIn(target)).toEqual(ownersIn(kept));
  });

  /** Restores from a container whose root lacks a right. */
  function restoreWithout(capability: string): SpawnSyncReturns<string> {
    const restore = recipe('Mailu', 'Restore', 'a container').replace('--rm', `--rm --cap-drop ${capability}`);
    return runRecipe(restore, 'a container');
  }

  test.each(['setuid', 'setgid'])('is not touched by a container without CAP_%s, which is named', (capability) => {
    const [, , product] = PRODUCTS;
    fillQueue(product);
    expect(runRecipe(recipe('Mailu', 'Back up', 'a container'), 'a container').status).toBe(0);
    const target = emptyQueue(product);
    const { status, stdout, stderr } = restoreWithout(capability);
    expect([status, stdout, stderr]).toEqual([77, '', expect.stringContaining(`CAP_${capability.toUpperCase()}`)]);
    expect(census(target)).toEqual([]);
    const backup = recipe('Mailu', 'Back up', 'a container').replace('--rm', `--rm --cap-drop ${capability}`);
    expect(runRecipe(backup.replaceAll('queue.tar.zst', 'again.tar.zst'), 'a container')).toMatchObject({
      status: 77,
      stderr: expect.stringContaining(`CAP_${capability.toUpperCase()}`),
    });
    expect(readdirSync(join(scratch, 'backup'))).toEqual(['queue.tar.zst']);
  });

  test('gets its submissions as mail_owner’s from a container without CAP_CHOWN, and that is said', () => {
    const [, , product] = PRODUCTS;
    const source = fillQueue(product);
    const submissions = messagesOf(census(source)).filter(({ uid }) => uid === NOBODY.uid).length;
    expect(submissions).toBeGreaterThan(0);
    expect(runRecipe(recipe('Mailu', 'Back up', 'a container'), 'a container').status).toBe(0);
    const target = emptyQueue(product);
    const refused = restoreWithout('chown');
    expect([refused.status, refused.stderr]).toEqual([77, expect.stringContaining('it lacks CAP_CHOWN')]);
    expect(census(target)).toEqual([]);
    // As the error says.
    lchownSync(join(target, 'postsnap'), product.uid, product.gid);
    const { status, stderr } = restoreWithout('chown');
    expect([status, stderr]).toEqual([0, expect.stringContaining('left to mail_owner')]);
    expect(new Set(ownersIn(target).values())).toEqual(new Set([product.uid]));
    expect(messagesOf(census(target))).toHaveLength(MESSAGES);
  });
});

/** The messages are as old as the generator makes them. */
const PAST_LIFETIME = /^postsnap: warning: .* older than the maximal_queue_lifetime .*\n/gmu;

/** uid and gid of messages by their content; the group says something in maildrop alone. */
function ownersIn(queue: string): Map<string, number> {
  return new Map(messagesOf(census(queue)).map(({ sha256, uid }) => [sha256, uid]));
}

function giveTo(path: string, owner: { readonly uid: number; readonly gid: number; readonly setgid: number }): void {
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    const name = join(entry.parentPath, entry.name);
    const isInMaildrop = name.includes('/maildrop');
    const isSubmission = isInMaildrop && entry.isFile();
    lchownSync(name, isSubmission ? NOBODY.uid : owner.uid, isInMaildrop ? owner.setgid : owner.gid);
  }
  chmodSync(path, 0o755);
}
