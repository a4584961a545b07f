import type { CrashChoice } from '../support/disk/crash-choice.ts';
import type { SimulatedInode } from '../support/disk/simulated-inode.ts';
import type { PendingNames } from '../support/disk/simulated-names.ts';

/** Every inode that has a name below `root`, and `root` itself. */
export function* reachableFrom(root: SimulatedInode): Generator<SimulatedInode> {
  const seen = new Set<SimulatedInode>([root]);
  for (const inode of seen) {
    yield inode;
    for (const child of inode.entries.values()) {
      seen.add(child);
    }
  }
}

/** The tree that a crash leaves: new inodes, everything in it durable, links counted as fsck would. */
export function crashImage(root: SimulatedInode, pending: PendingNames, choice: CrashChoice): SimulatedInode {
  const entries = pending.afterCrash(choice);
  const images = new Map<SimulatedInode, SimulatedInode>();
  const imageOf = (inode: SimulatedInode): SimulatedInode => {
    const known = images.get(inode);
    if (known !== undefined) {
      return known;
    }
    const image = inode.afterCrash(choice);
    images.set(inode, image);
    for (const [name, child] of entries.get(inode) ?? inode.durableEntries) {
      image.entries.set(name, imageOf(child));
    }
    return image;
  };
  const image = imageOf(root);
  dropGivenAwayNumbers(image);
  for (const inode of reachableFrom(image)) {
    for (const [name, child] of inode.entries) {
      inode.durableEntries.set(name, child);
    }
  }
  countLinks(image);
  return image;
}

/** An inode number that was given away again: that the new inode is on disk means that the old one is gone. */
function dropGivenAwayNumbers(root: SimulatedInode): void {
  const newest = new Map<string, SimulatedInode>();
  const key = (inode: SimulatedInode) => `${inode.device}:${inode.number}`;
  for (const inode of reachableFrom(root)) {
    const rival = newest.get(key(inode));
    if (rival === undefined || rival.birthtimeNs < inode.birthtimeNs) {
      newest.set(key(inode), inode);
    }
  }
  for (const inode of reachableFrom(root)) {
    for (const [name, child] of inode.entries) {
      if (newest.get(key(child)) !== child) {
        inode.entries.delete(name);
      }
    }
  }
}

function countLinks(root: SimulatedInode): void {
  for (const inode of reachableFrom(root)) {
    inode.links = inode.type === 'directory' ? 2 : 0;
  }
  for (const inode of reachableFrom(root)) {
    for (const child of inode.entries.values()) {
      (child.type === 'directory' ? inode : child).links += 1;
    }
  }
}
