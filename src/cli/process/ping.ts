/**
 * The requests of `--ping`, as healthchecks.io has them: URL/start when a run begins, URL when all was done, and URL/fail with
 * the last lines of what was said when not. A request that fails is told, the first one only: it changes nothing of the run,
 * and delays it by its patience at most.
 */

import { errnoText } from '../../fs/errno-text.ts';

/** A service that does not answer is given up, in milliseconds. */
const PATIENCE_MS = 10_000;
/** healthchecks.io keeps so many bytes of a body. */
const MOST_BYTES = 10_000;

export interface PingOptions {
  readonly url: URL;
  readonly patienceMs?: number;
}

export class Ping {
  readonly #options: PingOptions;
  #hasFailed = false;

  constructor(options: PingOptions) {
    this.#options = options;
  }

  /** Never rejects. Resolves to what went wrong. */
  start(): Promise<string | undefined> {
    return this.#send('/start', { method: 'GET' });
  }

  /**
   * Never rejects. Resolves to what went wrong.
   *
   * @param said - what the run wrote to stderr
   */
  end(status: number, said: string): Promise<string | undefined> {
    return status === 0
      ? this.#send('', { method: 'GET' })
      : this.#send('/fail', { method: 'POST', body: lastLines(`${said}Exit status ${status}\n`, MOST_BYTES) });
  }

  async #send(behind: string, request: RequestInit): Promise<string | undefined> {
    const { url, patienceMs = PATIENCE_MS } = this.#options;
    const address = new URL(url);
    address.pathname = address.pathname.replace(/\/$/u, '') + behind;
    address.hash = '';
    try {
      const response = await fetch(address, { ...request, signal: AbortSignal.timeout(patienceMs) });
      // What it answers is of no interest, however long it is.
      await response.body?.cancel();
      return response.ok ? undefined : this.#fault(`it answered ${response.status}`);
    } catch (error) {
      return this.#fault(reasonOf(error, patienceMs));
    }
  }

  /** The URL is a secret, and stays one. */
  #fault(reason: string): string | undefined {
    const isFirst = !this.#hasFailed;
    this.#hasFailed = true;
    return isFirst ? `the service that --ping names was not told of this run: ${reason}` : undefined;
  }
}

/** fetch puts the reason into the cause; its message may name the address. */
function reasonOf(error: unknown, patienceMs: number): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `no answer in ${patienceMs / 1000} s`;
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return wordsOf(code);
}

/** What Node's own codes mean: those of getaddrinfo(3), of TLS, and of fetch. */
const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its host is not known',
  EAI_AGAIN: 'no name server answers',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody whom this machine trusts',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody whom this machine trusts',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by nobody whom this machine trusts',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  UND_ERR_CONNECT_TIMEOUT: 'the connection was not made in time',
  UND_ERR_SOCKET: 'the connection was closed',
};

/** In words, with the code behind them. */
function wordsOf(code: string): string {
  if (!/^[A-Z][A-Z0-9_]*$/u.test(code)) {
    return 'the request failed';
  }
  const words = Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
  const known = errnoText(code);
  return words === undefined ? (known === code ? `the request failed (${code})` : known) : `${words} (${code})`;
}

/** The end of a text, from the beginning of a line on. Of a last line that is too long itself, its end. */
export function lastLines(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) {
    return text;
  }
  // The byte before says whether the part begins with a line.
  const newline = bytes.indexOf('\n', bytes.length - most - 1);
  if (newline >= 0 && newline < bytes.length - 1) {
    return bytes.subarray(newline + 1).toString();
  }
  const end = bytes.subarray(bytes.length - most);
  // A character that is cut begins with bytes that continue one: 10xxxxxx.
  return end.subarray(end.findIndex((byte) => byte >> 6 !== 0b10)).toString();
}
