/** What the headers of a file say about its image, read without decoding a pixel. */
export interface ImageStructure {
  width: number;
  height: number;
  /** Bits of one sample. */
  bitDepth: number;
  frames: number;
  /** Bytes that a decoder must hold at once, beside a few rows. */
  heldBytes: number;
  /** Where the image ends. What follows is not part of it. */
  end: number;
}
