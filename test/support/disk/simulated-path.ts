import { errnoError } from './errno-error.ts';
import type { SimulatedInode } from './simulated-inode.ts';

/** Where a path leads: a directory, a name in it, and what has that name. */
export interface Place {
  readonly directory: SimulatedInode;
  readonly name: string;
  readonly inode: SimulatedInode | undefined;
}

export interface PathRequest {
  readonly syscall: string;
  readonly path: string;
  /** Whether a symbolic link in the last place is followed; those before it always are. */
  readonly follow: boolean;
}

const LONGEST_NAME = 255;
const MOST_LINKS_FOLLOWED = 40;

/** path_resolution(7), without permissions. */
export function locate(root: SimulatedInode, request: PathRequest): Place {
  let path = request.path;
  for (let followed = 0; followed <= MOST_LINKS_FOLLOWED; followed += 1) {
    const found = walk(root, path, request);
    if (typeof found !== 'string') {
      return found;
    }
    path = found;
  }
  throw errnoError('ELOOP', request.syscall, request.path);
}

/** Goes down a path to its end, or to the first link to be followed: then the path that results is returned. */
function walk(root: SimulatedInode, path: string, request: PathRequest): Place | string {
  if (!path.startsWith('/')) {
    throw new TypeError(`the simulated file system has no working directory: ${path}`);
  }
  const names = namesIn(path);
  const trail: SimulatedInode[] = [];
  let place: Place = { directory: root, name: '.', inode: root };
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] ?? '';
    const isLast = index === names.length - 1;
    place = name === '..' ? parentOf(trail, root) : child(trail.at(-1) ?? root, name, request);
    const { inode } = place;
    if (inode?.target !== undefined && (!isLast || request.follow)) {
      const base = inode.target.startsWith('/') ? '' : `/${names.slice(0, index).join('/')}`;
      return `${base}/${inode.target}/${names.slice(index + 1).join('/')}`;
    }
    if (inode === undefined && !isLast) {
      throw errnoError('ENOENT', request.syscall, request.path);
    }
    if (inode !== undefined && name !== '..') {
      trail.push(inode);
    }
  }
  return place;
}

/** The same paths are gone down again and again. */
const split = new Map<string, readonly string[]>();

function namesIn(path: string): readonly string[] {
  const known = split.get(path);
  if (known !== undefined) {
    return known;
  }
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (split.size > 100_000) {
    split.clear();
  }
  split.set(path, names);
  return names;
}

function parentOf(trail: SimulatedInode[], root: SimulatedInode): Place {
  trail.pop();
  const inode = trail.at(-1) ?? root;
  return { directory: inode, name: '.', inode };
}

function child(directory: SimulatedInode, name: string, { syscall, path }: PathRequest): Place {
  if (directory.type !== 'directory') {
    throw errnoError('ENOTDIR', syscall, path);
  }
  // No character has more than three bytes a UTF-16 code unit.
  if (name.length * 3 > LONGEST_NAME && Buffer.byteLength(name) > LONGEST_NAME) {
    throw errnoError('ENAMETOOLONG', syscall, path);
  }
  return { directory, name, inode: directory.entries.get(name) };
}
