/**
 * Whom `--ping` names, of one command line. Where that is run for several Postfix instances, each service hears once of all of
 * them that name it: of success only where all were done. The next success would hide a failure otherwise.
 */

import { LEFT_OUT, worstOf } from './exit-status.ts';
import { Ping } from './ping.ts';

interface Told {
  readonly ping: Ping;
  readonly runs: EndedRun[];
}

interface EndedRun {
  readonly status: number;
  /** What the run wrote to stderr. */
  readonly said: string;
}

export class Services {
  readonly #told = new Map<string, Told>();
  /** They ended before anybody knew whom to tell. */
  readonly #early: EndedRun[] = [];
  #count = 0;

  /** How many runs have got so far that it was known whom to tell. */
  get count(): number {
    return this.#count;
  }

  /** A run begins that tells nobody. */
  beginUntold(): void {
    this.#count += 1;
  }

  /**
   * A run begins.
   *
   * @returns what went wrong
   */
  async begin(url: URL): Promise<string | undefined> {
    this.#count += 1;
    if (this.#told.has(url.href)) {
      return undefined;
    }
    const ping = new Ping({ url });
    this.#told.set(url.href, { ping, runs: [] });
    return ping.start();
  }

  note(url: URL, run: EndedRun): void {
    this.#told.get(url.href)?.runs.push(run);
  }

  /** Such a run may have meant any of the services. */
  noteEarly(run: EndedRun): void {
    this.#early.push(run);
  }

  /**
   * All is over.
   *
   * @returns what went wrong, unless the run failed itself: then the one line that tells it was written
   */
  async end(): Promise<readonly string[]> {
    const faults: string[] = [];
    for (const { ping, runs } of this.#told.values()) {
      const all = [...runs, ...this.#early];
      const status = worstOf(all.map((run) => run.status));
      const fault = await ping.end(status, all.map(({ said }) => said).join(''));
      if (fault !== undefined && status <= LEFT_OUT) {
        faults.push(fault);
      }
    }
    return faults;
  }
}
