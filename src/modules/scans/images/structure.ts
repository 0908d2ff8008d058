/** The properties of an image that are read from its headers, without decoding pixels. */
export interface ImageStructure {
  width: number;
  height: number;
  /** Bits per sample. */
  bitDepth: number;
  frames: number;
  /** The memory that a decoder needs, in addition to a few rows. */
  heldBytes: number;
  /** The end of the image. Following bytes are not part of it. */
  end: number;
}
