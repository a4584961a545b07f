/** From the facts of a queue directory to what is wrong with it, and what is to be done: pure. */

import { isCorruptMark, isReady, isWritersMode } from '../queue/mode.ts';
import { isMessageQueueName, type MessageQueueName } from '../queue/queue-name.ts';
import { type QueueOwners, rightfulMode, rightfulOwner } from '../queue/rights.ts';
import { describeFault } from '../record/record-fault.ts';
import { isLive, type QueueFacts, type SeenFile } from './facts.ts';
import { type Finding, type FindingCode, PART_OF, type RepairAction, type RepairPart } from './finding.ts';
import { logsOf } from './logs.ts';
import { type NamingGround, NewNames } from './new-names.ts';
import type { LogOrder, NameOrder, RightsOrder } from './orders.ts';
import { isAlien, strayDirectoriesOf } from './stray-directories.ts';

export interface DiagnosisGround extends NamingGround {
  readonly owners: QueueOwners;
  /** Only these parts are looked at. */
  readonly parts: ReadonlySet<RepairPart>;
  /** Whether logs without a message are removed. */
  readonly removesOrphans: boolean;
}

export interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly rights: readonly RightsOrder[];
  readonly names: readonly NameOrder[];
  readonly logs: readonly LogOrder[];
  readonly orphans: readonly SeenFile[];
}

/** Finds what is wrong with the files of a queue directory. */
export function diagnose(facts: QueueFacts, ground: DiagnosisGround): Diagnosis {
  return new Diagnostician(facts, ground).result();
}

class Diagnostician {
  readonly #facts: QueueFacts;
  readonly #ground: DiagnosisGround;
  readonly #names: NewNames;
  readonly #findings: Finding[] = [];
  readonly #rights: RightsOrder[] = [];
  readonly #orders: NameOrder[] = [];
  /** Modes were taken from files that nobody was writing: so from others as well. */
  readonly #isModeLost: boolean;

  constructor(facts: QueueFacts, ground: DiagnosisGround) {
    this.#facts = facts;
    this.#ground = ground;
    this.#names = new NewNames(facts, ground);
    this.#isModeLost = facts.files.some(hasCertainlyLostMode);
  }

  result(): Diagnosis {
    const live = this.#facts.files.filter(({ queueName }) => isLive(queueName));
    for (const file of live) {
      this.#lookAtMessage(file);
    }
    for (const file of this.#facts.files.filter(isAtRest)) {
      this.#lookAtOwner(file);
    }
    const { orders, orphans } = this.#lookAtLogs();
    this.#lookAtUnseen();
    this.#lookAtLeftovers();
    this.#lookAtStrayDirectories([...orders.map(({ file }) => file), ...orphans]);
    return { findings: this.#findings, rights: this.#rights, names: this.#orders, logs: orders, orphans };
  }

  #lookAtMessage(file: SeenFile): void {
    const { status, id } = file;
    if (isAlien(file)) {
      return;
    }
    if (status.type !== 'file' || id === undefined) {
      const what = id === undefined ? 'the name is no queue ID' : `it is no file, but a ${status.type}`;
      this.#find(file, 'no-queue-file', { detail: what });
      return;
    }
    if (status.links > 1) {
      this.#find(file, 'second-name', { detail: `the file has ${status.links} names` });
      return;
    }
    this.#lookAtRights(file);
    this.#lookAtName(file);
  }

  #lookAtRights(file: SeenFile): void {
    const { queueName, status } = file;
    const { owners } = this.#ground;
    const uid = rightfulOwner(queueName, status, owners.uid);
    if (uid !== status.uid) {
      this.#find(file, 'owner', { action: 'chown', detail: `uid ${status.uid}, not ${uid}` });
    }
    const wanted = rightfulMode(queueName, { uid, mode: status.mode }, owners.uid);
    const code = wanted === status.mode ? undefined : this.#modeFinding(file);
    const isMended = code !== undefined && CAN_CHMOD.has(code);
    if (code !== undefined) {
      const detail = `mode ${octal(status.mode)}${isMended ? `, not ${octal(wanted)}` : ''}${NOTES[code] ?? ''}`;
      this.#find(file, code, { action: isMended ? 'chmod' : 'none', detail });
    }
    const order = {
      file,
      uid: this.#does('owners') ? uid : status.uid,
      mode: isMended && this.#does('modes') ? wanted : status.mode,
    };
    if (order.uid !== status.uid || order.mode !== status.mode) {
      this.#rights.push(order);
    }
  }

  #modeFinding(file: SeenFile): FindingCode | undefined {
    const { queueName, status, content } = file;
    if (isReady(status.mode)) {
      return queueName !== 'maildrop' && (status.mode & 0o010) !== 0 ? 'stray-expiry' : 'mode';
    }
    if (isCorruptMark(status.mode)) {
      return 'corrupt-mark';
    }
    if (content?.kind === 'faulty') {
      return isWritersMode(queueName, status.mode) ? 'unfinished-message' : undefined;
    }
    const mayBeWritten = isWritersMode(queueName, status.mode) && !this.#isModeLost;
    return content?.kind === 'sound' && !mayBeWritten ? 'not-ready' : 'unfinished-message';
  }

  #lookAtName(file: SeenFile): void {
    const { queueName, content, status } = file;
    const isWritten = isWritersMode(queueName, status.mode) && !this.#isModeLost;
    if (content?.kind === 'unread') {
      this.#find(file, 'unreadable', { detail: content.reason });
      return;
    }
    const [fault] = content?.kind === 'faulty' && !isWritten ? content.faults : [];
    if (fault !== undefined && this.#does('corrupt') && !isCorruptMark(status.mode)) {
      this.#order(file, 'malformed', { queueName: 'corrupt', detail: describeFault(fault) });
      return;
    }
    const code = this.#names.faultOf(file);
    // What is not ready keeps its name: nobody can tell what it is to be.
    if (code !== undefined && isLive(queueName)) {
      this.#order(file, code, { queueName, detail: this.#names.detailOf(file, code) });
    }
  }

  #order(
    file: SeenFile,
    code: FindingCode,
    { queueName, detail }: { readonly queueName: MessageQueueName; readonly detail: string },
  ): void {
    const { mode } = file.status;
    const logs = this.#names.logsOf(file);
    const isWritten = isWritersMode(file.queueName, mode) && !this.#isModeLost;
    const isBlocked = isWritten || isCorruptMark(mode) || logs === 'ambiguous';
    const queueId = this.#names.newNameOf(file);
    if (isBlocked || queueId === undefined) {
      this.#find(file, code, { detail: `${detail}; ${isBlocked ? 'left alone' : 'no name is free'}` });
      return;
    }
    const to = { queueName, queueId };
    this.#find(file, code, { action: code === 'malformed' ? 'set-aside' : 'rename', detail, to });
    if (this.#does(PART_OF[code])) {
      this.#orders.push({ file, ...to, logs, reason: detail });
    }
  }

  #lookAtLogs(): { readonly orders: readonly LogOrder[]; readonly orphans: readonly SeenFile[] } {
    const { owners, removesOrphans } = this.#ground;
    const moved = new Set(this.#orders.flatMap(({ logs }) => logs));
    const { orders, orphans, unclaimed, conflicts, rights, strays } = logsOf(this.#facts.files, {
      isPartial: this.#facts.isPartial,
      names: this.#names,
      moved,
      owners,
    });
    for (const file of strays.filter((one) => !isAlien(one))) {
      this.#find(file, 'no-queue-file', { detail: 'it is no log' });
    }
    for (const order of rights) {
      const { file, uid, mode } = order;
      if (uid !== file.status.uid) {
        this.#find(file, 'owner', { action: 'chown', detail: `uid ${file.status.uid}, not ${uid}` });
      }
      if (mode !== file.status.mode) {
        this.#find(file, 'mode', { action: 'chmod', detail: `mode ${octal(file.status.mode)}, not ${octal(mode)}` });
      }
      this.#rights.push({
        file,
        uid: this.#does('owners') ? uid : file.status.uid,
        mode: this.#does('modes') ? mode : file.status.mode,
      });
    }
    for (const { file, queueId } of orders) {
      const to = { queueName: file.queueName, queueId };
      this.#find(file, 'log-name', { action: 'rename', detail: 'Postfix does not find the log by this name', to });
    }
    for (const file of conflicts) {
      this.#find(file, 'log-conflict', { detail: 'another log of that message stands in its path' });
    }
    for (const file of unclaimed) {
      const detail =
        'it can not be told of which message it is: of several with its ID, or of one that could not be seen';
      this.#find(file, 'orphan-log', { detail });
    }
    for (const file of orphans) {
      this.#find(file, 'orphan-log', {
        action: removesOrphans ? 'remove' : 'none',
        detail: 'no message has this queue ID',
      });
    }
    const does = this.#does('logs');
    return { orders: does ? orders : [], orphans: does && removesOrphans ? orphans : [] };
  }

  /** `postfix check` names what is not mail_owner's in corrupt and saved, too. */
  #lookAtOwner(file: SeenFile): void {
    const { status, queueName } = file;
    const uid = rightfulOwner(queueName, status, this.#ground.owners.uid);
    if (status.type === 'file' && status.links === 1 && status.uid !== uid) {
      this.#find(file, 'owner', { action: 'chown', detail: `uid ${status.uid}, not ${uid}` });
      if (this.#does('owners')) {
        this.#rights.push({ file, uid, mode: status.mode });
      }
    }
  }

  #lookAtStrayDirectories(logs: readonly SeenFile[]): void {
    const leaving = new Set([...this.#orders.flatMap((order) => [order.file, ...order.logs]), ...logs]);
    if (this.#does('directories')) {
      this.#findings.push(...strayDirectoriesOf(this.#facts, { layout: this.#ground.layout, leaving }));
    }
  }

  #lookAtUnseen(): void {
    const nothing = { queueId: null, newQueueName: null, newQueueId: null };
    for (const { path, queueName, reason } of this.#does('corrupt') ? this.#facts.unseen : []) {
      this.#findings.push({ code: 'unreadable', action: 'none', path, queueName, ...nothing, detail: reason });
    }
  }

  #lookAtLeftovers(): void {
    for (const path of this.#does('staging') ? this.#facts.leftovers : []) {
      this.#findings.push(leftoverFinding(path));
    }
  }

  #does(part: RepairPart): boolean {
    return this.#ground.parts.has(part);
  }

  #find(file: SeenFile, code: FindingCode, told: Telling): void {
    if (!this.#does(PART_OF[code])) {
      return;
    }
    this.#findings.push({
      code,
      action: told.action ?? 'none',
      path: file.path,
      queueName: file.queueName,
      queueId: file.id?.text ?? null,
      newQueueName: told.to?.queueName ?? null,
      newQueueId: told.to?.queueId ?? null,
      detail: told.detail,
    });
  }
}

/** What a restore that never began has left. */
export function leftoverFinding(path: string): Finding {
  const nothing = { queueName: null, queueId: null, newQueueName: null, newQueueId: null };
  return { code: 'staging', action: 'remove', path, ...nothing, detail: 'a restore that never began left it' };
}

interface Telling {
  readonly action?: RepairAction;
  readonly detail: string;
  readonly to?: { readonly queueName: SeenFile['queueName']; readonly queueId: string };
}

const CAN_CHMOD: ReadonlySet<FindingCode> = new Set<FindingCode>(['not-ready', 'stray-expiry', 'mode']);

const NOTES: Partial<Record<FindingCode, string>> = {
  'not-ready': ': Postfix passes over it, and deletes it when it is 7 days old',
  'stray-expiry': ': Postfix returns it at once',
  'unfinished-message': ': it may be half written. If it is whole, chmod 0700 makes it ready.',
  'corrupt-mark': ': a delivery agent could not read it',
};

/** In corrupt and saved. */
function isAtRest({ queueName }: SeenFile): boolean {
  return isMessageQueueName(queueName) && !isLive(queueName);
}

/** In these queues nobody writes a message. */
function hasCertainlyLostMode({ queueName, status, id }: SeenFile): boolean {
  const { type, mode } = status;
  const isMessage = isLive(queueName) && type === 'file' && id !== undefined;
  return isMessage && !isReady(mode) && !isCorruptMark(mode) && !isWritersMode(queueName, mode);
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
