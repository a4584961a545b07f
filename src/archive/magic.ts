/** What the first bytes of a file say that it is. Authority: the formats' own descriptions; file(1) knows the same. */

/** How a stream is packed. */
export type Packing = 'plain' | 'gzip' | 'zstd';

/** Packings that postsnap does not unpack, with the program that does. */
export type ForeignPacking = 'bzip2' | 'xz' | 'lz4' | 'zip' | 'age';

interface Magic<Name> {
  readonly name: Name;
  readonly bytes: Buffer;
}

const PACKINGS: readonly Magic<Packing>[] = [
  { name: 'gzip', bytes: Buffer.from([0x1f, 0x8b]) },
  { name: 'zstd', bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
];

const FOREIGN: readonly Magic<ForeignPacking>[] = [
  { name: 'bzip2', bytes: Buffer.from('BZh') },
  { name: 'xz', bytes: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) },
  { name: 'lz4', bytes: Buffer.from([0x04, 0x22, 0x4d, 0x18]) },
  { name: 'zip', bytes: Buffer.from([0x50, 0x4b, 0x03, 0x04]) },
  { name: 'age', bytes: Buffer.from('age-encryption.org/') },
  { name: 'age', bytes: Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----') },
];

function begins(bytes: Uint8Array, magic: Buffer): boolean {
  return magic.equals(bytes.subarray(0, magic.length));
}

/** How a stream that begins so is packed; anything that is not known is plain. */
export function packingOf(bytes: Uint8Array): Packing {
  return PACKINGS.find((magic) => begins(bytes, magic.bytes))?.name ?? 'plain';
}

/** The packing of a stream that postsnap does not unpack. */
export function foreignPackingOf(bytes: Uint8Array): ForeignPacking | undefined {
  return FOREIGN.find((magic) => begins(bytes, magic.bytes))?.name;
}
const CHECKSUM_AT = 148;
const CHECKSUM_LENGTH = 8;
const TAR_BLOCK = 512;

/** Whether a tar header begins here: of any tar, also of the oldest, its sum of bytes is right (tar(5)). */
export function isTarHeader(bytes: Uint8Array): boolean {
  const block = bytes.subarray(0, TAR_BLOCK);
  const isSum = (at: number): boolean => at >= CHECKSUM_AT && at < CHECKSUM_AT + CHECKSUM_LENGTH;
  const sum = block.reduce((total, byte, at) => total + (isSum(at) ? 0x20 : byte), 0);
  const text = Buffer.from(block.subarray(CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_LENGTH)).toString('latin1');
  const told = /^ *([0-7]+)[ \0]/u.exec(text)?.[1];
  return block.length === TAR_BLOCK && block[0] !== 0 && told !== undefined && Number.parseInt(told, 8) === sum;
}
