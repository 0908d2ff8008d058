const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/**
 * The canonical form of a record number that has only ASCII characters, as the database function `mrn_key` computes it: lower case,
 * without spaces. It saves a round trip of most searches. Undefined for other texts, which the database folds with its dictionary
 * of accents.
 */
export function toAsciiMrnKey(mrn: string): string | null | undefined {
  if (!PRINTABLE_ASCII.test(mrn)) return undefined;
  return mrn.toLowerCase().replaceAll(' ', '') || null;
}
