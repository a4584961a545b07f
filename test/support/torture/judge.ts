import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CountedFile, census, contents, logsOf, messagesOf } from './queue-census.ts';

/**
 * What is wrong with a queue directory into which all messages of a source were restored, where no Postfix has touched
 * them since: nothing, if each message with its logs is there once, ready, under the name that its inode asks for, with one
 * link, and what was there before is as it was.
 *
 * @param before - the census of the target before the restore
 */
export function faultsOf(source: string, target: string, before: readonly CountedFile[] = []): string[] {
  const wanted = census(source);
  const now = census(target);
  const known = new Map(before.map((file) => [file.path, file]));
  const restored = now.filter(({ path }) => !known.has(path));
  return [
    ...changes(known, now),
    ...differences('message', contents(messagesOf(wanted)), contents(messagesOf(restored))),
    ...differences('log', contents(logsOf(wanted)), contents(logsOf(restored))),
    ...messagesOf(restored).flatMap(messageFaults),
    ...foreignLogs(wanted, restored),
    ...leftovers(target),
  ];
}

function changes(known: ReadonlyMap<string, CountedFile>, now: readonly CountedFile[]): string[] {
  const found = new Map(now.map((file) => [file.path, JSON.stringify(file, plain)]));
  return [...known.values()].flatMap((file) =>
    found.get(file.path) === JSON.stringify(file, plain) ? [] : [`${file.path} was there before, and was changed`],
  );
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function differences(what: string, wanted: Map<string, number>, found: Map<string, number>): string[] {
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((sha256) => {
    const [there, due] = [found.get(sha256) ?? 0, wanted.get(sha256) ?? 0];
    return there === due ? [] : [`${what} ${sha256.slice(0, 12)} is there ${there} times instead of ${due}`];
  });
}

function messageFaults({ path, queue, name, mode, links, inode }: CountedFile): string[] {
  const readyMode = queue === 'maildrop' ? [0o700, 0o744] : [0o700];
  return [
    ...(links === 1 ? [] : [`${path} has ${links} links`]),
    ...(readyMode.includes(mode) ? [] : [`${path} has mode ${mode.toString(8)}`]),
    ...(name.slice(5) === inode.toString(16).toUpperCase() ? [] : [`${path} has inode ${inode}`]),
  ];
}

/** Each log must stand behind the message that it stood behind. */
function foreignLogs(wanted: readonly CountedFile[], restored: readonly CountedFile[]): string[] {
  const pairs = (files: readonly CountedFile[]): Map<string, number> => {
    const messages = new Map(messagesOf(files).map(({ name, sha256 }) => [name, sha256]));
    const couples = logsOf(files).map((log) => ({
      ...log,
      sha256: `${messages.get(log.name)} ${log.queue} ${log.sha256}`,
    }));
    return contents(couples);
  };
  return differences('message with log', pairs(wanted), pairs(restored));
}

/** What a restore must not leave: anything but receipts. (A journal stays one where there was no room for another.) */
export function leftovers(target: string): string[] {
  const names = readdirSync(join(target, 'postsnap'));
  return names.filter((name) => !/\.(?:journal|receipt)$/u.test(name)).map((name) => `postsnap/${name} was left`);
}

/** An empty file that was made and, by a false error, seemed not to be: a later restore sweeps it. */
export function isStray(fault: string): boolean {
  return /^postsnap\/(?:lock\.of\.|try-|[0-9a-f-]+\.draft|[0-9a-f-]+\.\d+\.receipt-draft)/u.test(fault);
}
