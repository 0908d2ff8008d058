/** FNV-1a with 32 bits. */
export const HASH_START = 0x811c9dc5;
export const addToHash = (state: number, code: number): number => Math.imul(state ^ code, 0x01000193);

/** The bucket of a feature: the last step of MurmurHash3 spreads the lower bits. @param buckets a power of two */
export function toBucket(state: number, buckets: number): number {
  let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) & (buckets - 1);
}
