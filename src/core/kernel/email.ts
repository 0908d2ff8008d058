/**
 * The one spelling of an e-mail address: trimmed, NFKC, lower case. Made once, here, and stored; JavaScript's and
 * PostgreSQL's lower() disagree, so that the database is never asked to do it.
 */
export function canonicalEmail(typed: string): string {
  return typed.trim().normalize('NFKC').toLowerCase().normalize('NFKC');
}
