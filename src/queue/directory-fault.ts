/**
 * What is wrong with a directory of a queue, as far as mail depends on it. Authority: conf/postfix-files, and postfix-script
 * (check-warn), which looks at owners, at setgid_group, and at who may write where root owns.
 */

import {
  type DirectoryOwners,
  type DirectoryRights,
  directoryRights,
  hashDirectoryRights,
  QUEUE_DIRECTORY_RIGHTS,
} from './rights.ts';

export type DirectoryFaultKind =
  /** Another owner. */
  | 'owner'
  /** Another group than setgid_group: postdrop(1) and postqueue(1) get into it by that. */
  | 'group'
  /** Others may change what stands in it. */
  | 'writable'
  /** Who works in it may not. */
  | 'closed';

export interface DirectoryFault {
  /** Relative to the queue directory, which is `.` itself. */
  readonly directory: string;
  readonly kind: DirectoryFaultKind;
  /** A user's, a group's number, or a mode. */
  readonly is: number;
  readonly wanted: number;
}

/** The name of the queue directory itself. */
export const ITSELF = '.';

interface DirectoryStatus {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** @param directory relative to the queue directory: one of Postfix's own, or a hash directory */
export function directoryFaults(
  directory: string,
  { uid, gid, mode }: DirectoryStatus,
  owners: DirectoryOwners,
): DirectoryFault[] {
  const wanted = wantedRights(directory, owners);
  const faults: DirectoryFault[] = [];
  if (uid !== wanted.uid) {
    faults.push({ directory, kind: 'owner', is: uid, wanted: wanted.uid });
  }
  if (wanted.gid !== undefined && gid !== wanted.gid) {
    faults.push({ directory, kind: 'group', is: gid, wanted: wanted.gid });
  }
  if ((mode & WRITABLE_BY_OTHERS & ~wanted.mode) !== 0) {
    faults.push({ directory, kind: 'writable', is: mode, wanted: wanted.mode });
  } else if ((needed(directory, wanted) & ~mode) !== 0) {
    faults.push({ directory, kind: 'closed', is: mode, wanted: wanted.mode });
  }
  return faults;
}

const WRITABLE_BY_OTHERS = 0o022;
const OWNER_BITS = 0o700;
const GROUP_BITS = 0o070;
const OTHERS_ENTER = 0o001;

/** mail_owner goes through the queue directory; root needs no bit anywhere, and other users none but setgid_group's. */
function needed(directory: string, { uid, gid, mode }: DirectoryRights): number {
  if (directory === ITSELF) {
    return OTHERS_ENTER;
  }
  return (uid === 0 ? 0 : OWNER_BITS) | (gid === undefined ? 0 : mode & GROUP_BITS);
}

function wantedRights(directory: string, owners: DirectoryOwners): DirectoryRights {
  return directory === ITSELF
    ? QUEUE_DIRECTORY_RIGHTS
    : (directoryRights(directory, owners) ?? hashDirectoryRights(owners));
}
