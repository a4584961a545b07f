/**
 * The sizes that format 1 fixes, in bytes unless another unit is named. Writers keep to them; a reader refuses what
 * exceeds them before it takes memory. Normative text: docs/archive-format.md.
 */

/** The one version that this code writes and reads. */
export const FORMAT_VERSION = 1;

/** A frame that holds this much is ended at the next entry boundary. */
export const FRAME_FULL = 2_097_152;

/** No frame holds more than this; a bigger entry begins a frame of its own and is continued in the following ones. */
export const FRAME_MAXIMUM = 4_194_304;

/** What a frame may take in the archive: content that does not compress grows by 16 KiB in zstd's worst case. */
export const FRAME_COMPRESSED_MAXIMUM = 4_259_840;

/** No more than this many frames: 8 TiB of content at least, and 32 MiB of seek table. */
export const FRAME_COUNT_MAXIMUM = 4_194_304;

/** The biggest window that a frame may ask its reader to hold. */
export const WINDOW_MAXIMUM = 4_194_304;

export const HEADER_MAXIMUM = 1_048_576;
export const SEAL_MAXIMUM = 67_108_864;

/** No file is bigger: more would take days, and no mail is. */
export const FILE_MAXIMUM = 1_099_511_627_776;

/** No text in the catalogue has more characters (UTF-16): addresses and reasons are cut where they would. */
export const TEXT_MAXIMUM = 8192;

/** A snapshot's ID, in characters (UTF-16): a UUID has 36. It goes into journals and receipts of restores. */
export const SNAPSHOT_ID_MAXIMUM = 64;

/** A fault of the records, in words. */
export const FAULT_TEXT_MAXIMUM = 1024;
/** How many faults one message may be told to have: there is one of a kind. */
export const FAULTS_MAXIMUM = 32;

/** The name of an account, in bytes. */
export const ACCOUNT_NAME_MAXIMUM = 255;

/** What an ECMAScript Date can be: some 270,000 years, in seconds. */
export const TIME_MAXIMUM = 8_640_000_000_000;

/** A frame is ended once the catalogue's lines of the entries that begin in it are this long, in characters. */
export const FRAME_TEXT_FULL = 16_777_216;
/** What a reader takes of them: a writer that keeps to the target and to the longest line never comes near. */
export const FRAME_TEXT_MAXIMUM = 67_108_864;

/** A part of the catalogue ends with the line that brings it to this size. */
export const CATALOGUE_PART_FULL = 1_048_576;

/** The longest line of the catalogue, line feed included. Writers leave recipients out where it would be longer. */
export const CATALOGUE_LINE_MAXIMUM = 8_388_608;

export const CATALOGUE_PART_MAXIMUM: number = CATALOGUE_PART_FULL + CATALOGUE_LINE_MAXIMUM;

/** Characters of a content filter's name in a line of the catalogue. */
export const CONTENT_FILTER_MAXIMUM = 1024;
