/** What the file itself says of the picture, read without decoding a pixel. */
export interface ImageStructure {
  width: number;
  height: number;
  /** Bits of one sample. */
  bitDepth: number;
  frames: number;
  /** Bytes that a decoder must hold at once, beside a few rows. */
  heldBytes: number;
  /** Where the picture ends. What follows is no part of it. */
  end: number;
}
