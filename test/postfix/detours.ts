/** A mail system whose mail goes on as other mail: through content filters, virtual aliases and local aliases. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { freePort } from '../support/postfix/ports.ts';
import { type SinkMessage, type SmtpSink, startSink } from '../support/postfix/sink.ts';
import { submitAll } from '../support/postfix/smtp-client.ts';

/** What becomes of a message behind the snapshot: of the two who get it, the first and the second. */
export const FATES = ['delivered', 'partly', 'returned', 'waiting', 'untouched'] as const;
export type Fate = (typeof FATES)[number];

/** A way that a message takes. */
interface Way {
  readonly name: string;
  /** The service that takes it in. */
  readonly by: 'smtpd' | 'told' | 'untold' | 'piped' | 'unaliased';
  readonly to: (id: string) => readonly string[];
  readonly readers: (id: string) => readonly [string, string];
  /** What can't be known by the message's own recipients: then somebody may get it twice. */
  readonly isOne?: boolean;
  readonly fates?: readonly Fate[];
}

const first = (id: string): string => `first${id}@example.org`;
const second = (id: string): string => `second${id}@example.org`;
const both = (id: string): [string, string] => [first(id), second(id)];
const MAILBOXES_ONLY: readonly Fate[] = ['delivered', 'untouched'];

const WAYS: readonly Way[] = [
  { name: 'a filter that answers with the ID', by: 'told', to: both, readers: both },
  { name: 'a filter that answers without an ID', by: 'untold', to: both, readers: both },
  { name: 'a filter by pipe and sendmail', by: 'piped', to: both, readers: both },
  {
    name: 'a filter before virtual aliases',
    by: 'unaliased',
    to: (id) => [`both${id}@example.com`],
    readers: both,
    isOne: true,
  },
  { name: 'a virtual alias', by: 'smtpd', to: (id) => [`both${id}@example.com`], readers: both },
  {
    name: 'an alias of addresses',
    by: 'smtpd',
    to: (id) => [`addresses${id}@here.example.com`],
    readers: both,
    isOne: true,
  },
  {
    name: 'an alias with an owner',
    by: 'smtpd',
    to: (id) => [`owned${id}@here.example.com`],
    readers: both,
    isOne: true,
  },
  {
    name: 'an alias of mailboxes',
    by: 'smtpd',
    to: (id) => [`boxes${id}@here.example.com`],
    readers: () => ['games', 'bin'],
    fates: MAILBOXES_ONLY,
  },
  {
    name: 'an alias of a mailbox and an address',
    by: 'smtpd',
    to: (id) => [`mixed${id}@here.example.com`],
    readers: (id) => [first(id), 'bin'],
    isOne: true,
    fates: ['delivered', 'waiting', 'untouched'],
  },
  {
    name: 'an alias of a command and a mailbox',
    by: 'smtpd',
    to: (id) => [`command${id}@here.example.com`],
    readers: () => ['command', 'bin'],
    fates: MAILBOXES_ONLY,
  },
];

export interface Letter {
  readonly id: string;
  readonly way: Way;
  readonly fate: Fate;
  readonly sender: string;
}

export const LETTERS: readonly Letter[] = WAYS.flatMap((way, at) =>
  (way.fates ?? FATES).map((fate, nth) => ({ id: `${at}x${nth}`, way, fate, sender: `s${at}x${nth}@example.net` })),
);

export interface Detours {
  readonly sink: SmtpSink;
  /** The instances of this world follow one another: they have the same ports. */
  readonly makeInstance: (parameters?: Readonly<Record<string, string>>) => Promise<PostfixInstance>;
  readonly submit: (letter: Letter) => Promise<void>;
  /** What the filter has by pipe(8) it gives back by sendmail(1); returns whether there was something. */
  readonly giveBackPiped: (instance: PostfixInstance) => Promise<boolean>;
  /** How often a reader has got a message. */
  readonly count: (letter: Letter, reader: string) => number;
  readonly close: () => Promise<void>;
}

export async function makeDetours(): Promise<Detours> {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-detours-'));
  chmodSync(directory, 0o755);
  const names = [
    'smtpd',
    'told',
    'untold',
    'piped',
    'unaliased',
    'back',
    'backAliased',
    'relay',
    'filterTold',
    'filterUntold',
    'filterUnaliased',
  ] as const;
  const ports = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await freePort()] as const)),
  ) as Record<(typeof names)[number], number>;
  for (const name of ['mail', 'noted', 'spool']) {
    mkdirSync(join(directory, name));
    chmodSync(join(directory, name), 0o1777);
  }
  const write = (name: string, text: string, mode = 0o644): string => {
    writeFileSync(join(directory, name), text);
    chmodSync(join(directory, name), mode);
    return join(directory, name);
  };
  const note = write('note', `#!/bin/sh\nexec cat > "${directory}/noted/$1.$$"\n`, 0o755);
  const aliases = write(
    'aliases',
    LETTERS.map(({ id }) =>
      [
        `addresses${id} ${both(id).join(', ')}`,
        `owned${id} ${both(id).join(', ')}`,
        `owner-owned${id} s${id}@example.net`,
        `boxes${id} games, bin`,
        `mixed${id} bin, ${first(id)}`,
        `command${id} "|${note} ${id}", bin`,
        '',
      ].join('\n'),
    ).join(''),
  );
  const virtual = write('virtual', LETTERS.map(({ id }) => `both${id}@example.com ${both(id).join(', ')}\n`).join(''));
  // postdrop(1) takes no configuration directory of an ordinary user's that the default main.cf does not name, and pipe(8)
  // does not run as its group: so the filter leaves its mail to somebody who may.
  const pipe = write(
    'filter',
    `#!/bin/sh\n{ echo "$@" && cat; } > "${directory}/spool/$$.tmp" && mv "${directory}/spool/$$.tmp" "${directory}/spool/$$.mail"\n`,
    0o755,
  );
  const giveBack =
    (port: number, isTold: boolean) =>
    async (message: SinkMessage): Promise<string> => {
      const [id] = await submitAll(port, [message]);
      return isTold ? `250 2.0.0 from MTA: 250 2.0.0 Ok: queued as ${id}` : '250 2.0.0 Ok';
    };
  const filters = await Promise.all([
    startSink({ port: ports.filterTold, giveBack: giveBack(ports.back, true) }),
    startSink({ port: ports.filterUntold, giveBack: giveBack(ports.back, false) }),
    startSink({ port: ports.filterUnaliased, giveBack: giveBack(ports.backAliased, true) }),
  ]);
  const sink = await startSink({ port: ports.relay, defaultAnswer: '450' });
  const makeInstance = async (parameters: Readonly<Record<string, string>> = {}): Promise<PostfixInstance> => {
    const smtpd = (port: number, ...options: readonly string[]): string =>
      [`127.0.0.1:${port} inet n - n - - smtpd`, ...options.map((option) => ` -o ${option}`)].join('\n');
    const instance = await createInstance({
      relayPort: ports.relay,
      parameters: {
        mydestination: 'here.example.com',
        myorigin: 'here.example.com',
        alias_maps: `texthash:${aliases}`,
        virtual_alias_maps: `texthash:${virtual}`,
        mail_spool_directory: `${directory}/mail/`,
        in_flow_delay: '0',
        ...parameters,
      },
      services: [
        smtpd(ports.told, `content_filter=scan:[127.0.0.1]:${ports.filterTold}`),
        smtpd(ports.untold, `content_filter=scan:[127.0.0.1]:${ports.filterUntold}`),
        smtpd(ports.piped, 'content_filter=filter:dummy'),
        smtpd(
          ports.unaliased,
          `content_filter=scan:[127.0.0.1]:${ports.filterUnaliased}`,
          'receive_override_options=no_address_mappings',
        ),
        smtpd(ports.back, 'receive_override_options=no_address_mappings'),
        smtpd(ports.backAliased),
        'scan unix - - n - 10 smtp',
        `filter unix - n n - 10 pipe\n flags=Rq user=daemon argv=${pipe} -f \${sender} -- \${recipient}`,
        smtpd(ports.smtpd),
      ],
    });
    return instance;
  };
  return {
    sink,
    makeInstance,
    submit: async ({ id, way, sender }) => {
      const data = `From: ${sender}\nMessage-ID: <${id}@test>\nX-Test-Id: ${id}\nSubject: test\n\nText ${id}.\n`;
      await submitAll(ports[way.by], [{ from: sender, to: way.to(id), data }]);
    },
    giveBackPiped: async (instance) => {
      const spool = join(directory, 'spool');
      const names = readdirSync(spool).filter((one) => one.endsWith('.mail'));
      for (const name of names) {
        const text = readFileSync(join(spool, name), 'utf8');
        const end = text.indexOf('\n');
        await instance.submitSendmail(['-G', '-i', ...text.slice(0, end).split(' ')], text.slice(end + 1));
        rmSync(join(spool, name));
      }
      return names.length > 0;
    },
    count: ({ id }, reader) => {
      if (reader.includes('@')) {
        return sink.count(reader);
      }
      if (reader === 'command') {
        return readdirSync(join(directory, 'noted')).filter((name) => name.startsWith(`${id}.`)).length;
      }
      const box = join(directory, 'mail', reader, 'new');
      const marker = `X-Test-Id: ${id}\n`;
      return existsSync(box)
        ? readdirSync(box).filter((name) => readFileSync(join(box, name), 'utf8').includes(marker)).length
        : 0;
    },
    close: async () => {
      await Promise.all([sink, ...filters].map((one) => one.close()));
      rmSync(directory, { recursive: true });
    },
  };
}
