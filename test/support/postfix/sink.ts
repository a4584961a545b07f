import { createServer, type Server, type Socket } from 'node:net';

/** What RCPT TO is answered with; drop closes the connection without an answer. */
export type SinkAnswer = '250' | '450' | '550' | 'drop';

/** One message as one recipient got it. */
export interface Delivery {
  readonly recipient: string;
  readonly sender: string;
  /** X-Test-Id if the message has one, else Message-ID, else empty. */
  readonly id: string;
  readonly data: Buffer;
}

export interface SinkOptions {
  readonly port: number;
  readonly answers?: Readonly<Record<string, SinkAnswer>>;
  /** For recipients that have no answer of their own. */
  readonly defaultAnswer?: SinkAnswer;
  /** EHLO keywords. Without DSN here, it is Postfix that notifies of success (RFC 3461 section 5.2.2). */
  readonly extensions?: readonly string[];
  /** A content filter: it gives each message back, and answers with what it is told. */
  readonly giveBack?: (message: SinkMessage) => Promise<string>;
}

export interface SinkMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: Buffer;
}

const REPLIES: Readonly<Record<Exclude<SinkAnswer, 'drop'>, string>> = {
  '250': '250 2.1.5 Ok',
  '450': '450 4.2.1 Mailbox busy, try again later',
  '550': '550 5.1.1 No such user',
};

interface Transaction {
  sender: string;
  recipients: string[];
}

/** An SMTP server that answers as it was told to, and remembers who got what. */
export class SmtpSink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #answers: Map<string, SinkAnswer>;
  readonly #deliveries: Delivery[] = [];
  readonly extensions: readonly string[];
  readonly giveBack: SinkOptions['giveBack'];
  defaultAnswer: SinkAnswer;

  constructor(options: SinkOptions) {
    this.#answers = new Map(Object.entries(options.answers ?? {}));
    this.defaultAnswer = options.defaultAnswer ?? '250';
    this.extensions = options.extensions ?? ['PIPELINING', '8BITMIME', 'SMTPUTF8'];
    this.giveBack = options.giveBack;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      new SinkSession(this, socket);
    });
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve());
    });
  }

  answer(recipient: string): SinkAnswer {
    return this.#answers.get(recipient) ?? this.defaultAnswer;
  }

  setAnswer(recipient: string, answer: SinkAnswer): void {
    this.#answers.set(recipient, answer);
  }

  record(delivery: Delivery): void {
    this.#deliveries.push(delivery);
  }

  get deliveries(): readonly Delivery[] {
    return this.#deliveries;
  }

  /** How often this recipient got this message, or any message. */
  count(recipient: string, id?: string): number {
    return this.#deliveries.filter(
      (delivery) => delivery.recipient === recipient && (id === undefined || delivery.id === id),
    ).length;
  }

  /** "id recipient" → how often it was delivered. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { id, recipient } of this.#deliveries) {
      const key = `${id} ${recipient}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** The server's side of one connection; lines are kept as latin1, which keeps every byte. */
class SinkSession {
  readonly #sink: SmtpSink;
  readonly #socket: Socket;
  #rest = '';
  #data: string[] | undefined;
  #isWaiting = false;
  #transaction: Transaction = { sender: '', recipients: [] };

  constructor(sink: SmtpSink, socket: Socket) {
    this.#sink = sink;
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk.toString('latin1')));
    this.#say('220 sink.example.org ESMTP');
  }

  #say(reply: string): void {
    if (this.#socket.writable) {
      this.#socket.write(`${reply}\r\n`);
    }
  }

  #receive(text: string): void {
    this.#rest += text;
    // While an answer is waited for, what was sent ahead (PIPELINING) waits, too: answers keep the order of commands.
    while (!this.#isWaiting && !this.#socket.destroyed) {
      const end = this.#rest.indexOf('\r\n');
      if (end < 0) {
        return;
      }
      const line = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 2);
      if (this.#data === undefined) {
        this.#command(line);
      } else {
        this.#dataLine(this.#data, line);
      }
    }
  }

  #dataLine(data: string[], line: string): void {
    if (line !== '.') {
      data.push(line.startsWith('.') ? line.slice(1) : line);
      return;
    }
    const { sender, recipients } = this.#transaction;
    const bytes = Buffer.from(data.map((each) => `${each}\r\n`).join(''), 'latin1');
    for (const recipient of recipients) {
      this.#sink.record({ recipient, sender, id: testId(data), data: bytes });
    }
    this.#data = undefined;
    this.#transaction = { sender: '', recipients: [] };
    this.#giveBack({ from: sender, to: recipients, data: bytes });
  }

  #giveBack(message: SinkMessage): void {
    const { giveBack } = this.#sink;
    if (giveBack === undefined) {
      this.#say('250 2.0.0 Ok');
      return;
    }
    this.#isWaiting = true;
    const answer = (reply: string): void => {
      this.#say(reply);
      this.#isWaiting = false;
      this.#receive('');
    };
    void giveBack(message).then(answer, () => answer('451 4.3.0 Not given back'));
  }

  #command(line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    switch (verb) {
      case 'EHLO':
        this.#say(['sink.example.org', ...this.#sink.extensions].map(ehloLine).join('\r\n'));
        return;
      case 'MAIL':
        this.#transaction = { sender: address(line), recipients: [] };
        this.#say('250 2.1.0 Ok');
        return;
      case 'RCPT':
        this.#recipient(address(line));
        return;
      case 'DATA':
        this.#startData();
        return;
      case 'QUIT':
        this.#say('221 2.0.0 Bye');
        this.#socket.end();
        return;
      case 'HELO':
      case 'RSET':
      case 'NOOP':
        this.#transaction = { sender: '', recipients: [] };
        this.#say('250 2.0.0 Ok');
        return;
      default:
        this.#say('502 5.5.2 Command not recognized');
    }
  }

  #recipient(recipient: string): void {
    const answer = this.#sink.answer(recipient);
    if (answer === 'drop') {
      this.#socket.destroy();
      return;
    }
    if (answer === '250') {
      this.#transaction.recipients.push(recipient);
    }
    this.#say(REPLIES[answer]);
  }

  #startData(): void {
    if (this.#transaction.recipients.length === 0) {
      this.#say('554 5.5.1 No valid recipients');
      return;
    }
    this.#data = [];
    this.#say('354 End data with <CR><LF>.<CR><LF>');
  }
}

function ehloLine(text: string, index: number, all: readonly string[]): string {
  return `250${index === all.length - 1 ? ' ' : '-'}${text}`;
}

function address(line: string): string {
  const raw = /<([^>]*)>/.exec(line)?.[1] ?? '';
  return Buffer.from(raw, 'latin1').toString('utf8');
}

function testId(lines: readonly string[]): string {
  const header = lines.slice(0, Math.max(lines.indexOf(''), 0));
  const value = (name: string): string | undefined =>
    header
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  return value('x-test-id') ?? value('message-id') ?? '';
}

/** Starts a sink on a port of 127.0.0.1; the caller closes it. */
export async function startSink(options: SinkOptions): Promise<SmtpSink> {
  const sink = new SmtpSink(options);
  await sink.listen(options.port);
  return sink;
}
