/**
 * The sizes that format 1 fixes, in bytes unless another unit is named. Writers keep to them; a reader refuses what
 * exceeds them before it takes memory. Normative text: docs/archive-format.md.
 */

/** The one version that this code writes and reads. */
export const FORMAT_VERSION = 1;

/** A frame that holds this much is ended at the next entry boundary. */
export const FRAME_TARGET = 2_097_152;

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

/** A part of the catalogue ends with the line that brings it to this size. */
export const CATALOGUE_PART_TARGET = 1_048_576;

/** The longest line of the catalogue, line feed included. Writers leave recipients out where it would be longer. */
export const CATALOGUE_LINE_MAXIMUM = 8_388_608;

export const CATALOGUE_PART_MAXIMUM: number = CATALOGUE_PART_TARGET + CATALOGUE_LINE_MAXIMUM;
