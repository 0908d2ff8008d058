import { getNumbers, type DicomDataset } from './elements.js';

/** The descriptor of a lookup table (PS3.3 C.11.1.1.1). */
export interface TableDescriptor {
  /** The number of entries. */
  count: number;
  /** The first mapped value. */
  first: number;
  /** Bits for each entry. */
  bits: number;
}

/** Returns null if the descriptor is missing or incomplete. */
export function readDescriptor(dataset: DicomDataset, tag: string): TableDescriptor | null {
  const [entries, first, bits] = getNumbers(dataset, tag);
  if (entries === undefined || first === undefined || bits === undefined) return null;
  // The number is unsigned, also if the VR is SS, and 0 means 65,536.
  return { count: entries & 0xffff || 0x10000, first, bits };
}

/** Whether entries of 8 bits are packed two to a word. */
export const isPacked = (bytes: Buffer, { count, bits }: TableDescriptor): boolean =>
  bits <= 8 && bytes.length < count * 2;

/** The entries of a table that its descriptor states; what follows is not part of it. */
export function trimTable(bytes: Buffer, descriptor: TableDescriptor | null): Buffer {
  if (!descriptor) return bytes;
  const { count } = descriptor;
  return bytes.subarray(0, isPacked(bytes, descriptor) ? count + (count % 2) : count * 2);
}
