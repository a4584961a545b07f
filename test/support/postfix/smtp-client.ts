import { connect, type Socket } from 'node:net';

/** A recipient with its DSN parameters (RFC 3461). */
export interface SmtpRecipient {
  readonly address: string;
  /** NEVER, or some of SUCCESS, FAILURE, DELAY, separated by commas. */
  readonly notify?: string;
  /** For example rfc822;someone@example.org (in xtext). */
  readonly orcpt?: string;
}

export interface SmtpMessage {
  /** The empty string is the null sender. */
  readonly from: string;
  readonly to: readonly (string | SmtpRecipient)[];
  /** Header and body. Line ends may be LF or CR LF; dots are doubled on the way out. */
  readonly data: string | Uint8Array;
  readonly ret?: 'FULL' | 'HDRS';
  readonly envid?: string;
  readonly smtputf8?: boolean;
  readonly body?: '7BIT' | '8BITMIME';
}

/** The server gave a reply that was not the expected one. */
class SmtpReplyError extends Error {
  readonly reply: string;

  constructor(command: string, reply: string) {
    super(`${command}: ${reply}`);
    this.name = 'SmtpReplyError';
    this.reply = reply;
  }
}

/** One SMTP connection; it waits for each reply. */
class SmtpConnection {
  readonly #socket: Socket;
  readonly #replies: string[] = [];
  #buffer = '';
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk.toString('latin1')));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the SMTP server closed the connection')));
  }

  #receive(text: string): void {
    this.#buffer += text;
    // A reply ends with a line that has a space after its code (RFC 5321 section 4.2.1).
    for (;;) {
      const match = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r\n/.exec(this.#buffer);
      if (match === null) {
        break;
      }
      this.#replies.push(match[0].trimEnd());
      this.#buffer = this.#buffer.slice(match[0].length);
    }
    this.#wake?.();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  async reply(): Promise<string> {
    for (;;) {
      const reply = this.#replies.shift();
      if (reply !== undefined) {
        return reply;
      }
      if (this.#failure !== undefined) {
        throw this.#failure;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async expect(code: string, command: string): Promise<string> {
    const reply = await this.reply();
    if (!reply.startsWith(code)) {
      throw new SmtpReplyError(command, reply);
    }
    return reply;
  }

  async command(line: string, code: string): Promise<string> {
    this.#socket.write(`${line}\r\n`, 'utf8');
    return this.expect(code, line);
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }
}

function mailCommand(message: SmtpMessage): string {
  return [
    `MAIL FROM:<${message.from}>`,
    ...(message.body === undefined ? [] : [`BODY=${message.body}`]),
    ...(message.smtputf8 === true ? ['SMTPUTF8'] : []),
    ...(message.ret === undefined ? [] : [`RET=${message.ret}`]),
    ...(message.envid === undefined ? [] : [`ENVID=${message.envid}`]),
  ].join(' ');
}

function rcptCommand(recipient: string | SmtpRecipient): string {
  const { address, notify, orcpt }: SmtpRecipient = typeof recipient === 'string' ? { address: recipient } : recipient;
  return [
    `RCPT TO:<${address}>`,
    ...(notify === undefined ? [] : [`NOTIFY=${notify}`]),
    ...(orcpt === undefined ? [] : [`ORCPT=${orcpt}`]),
  ].join(' ');
}

function wireData(data: string | Uint8Array): Buffer {
  const lines = Buffer.from(data)
    .toString('latin1')
    .replace(/\r?\n/g, '\r\n')
    .replace(/(^|\n)\./g, '$1..');
  return Buffer.from(`${lines}${lines.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1');
}

async function submitOne(connection: SmtpConnection, message: SmtpMessage): Promise<string> {
  await connection.command(mailCommand(message), '250');
  for (const recipient of message.to) {
    await connection.command(rcptCommand(recipient), '250');
  }
  await connection.command('DATA', '354');
  connection.send(wireData(message.data));
  const reply = await connection.expect('250', 'end of data');
  const queueId = /queued as (\S+)$/.exec(reply)?.[1];
  if (queueId === undefined) {
    throw new SmtpReplyError('end of data', reply);
  }
  return queueId;
}

/** Submits messages one after the other over one connection to 127.0.0.1, and returns their queue IDs. */
export async function submitAll(port: number, messages: readonly SmtpMessage[]): Promise<string[]> {
  const connection = new SmtpConnection(port);
  try {
    await connection.expect('220', 'greeting');
    await connection.command('EHLO client.example.com', '250');
    const queueIds: string[] = [];
    for (const message of messages) {
      queueIds.push(await submitOne(connection, message));
    }
    await connection.command('QUIT', '221');
    return queueIds;
  } finally {
    connection.close();
  }
}
