/** Any number, but always the same one: it keeps our keys apart from those of other programs in the same database. */
const SEED = 7_240;

/**
 * Returns the SQL of the key of an advisory lock on one object. Different purposes have different keys, so their locks do not wait
 * for each other.
 * @param purpose what the lock protects; a constant, never from a request
 * @param object the SQL of a text that identifies the object
 */
export const lockKey = (purpose: string, object: string): string =>
  `hashtextextended('${purpose} ' || ${object}, ${SEED})`;
