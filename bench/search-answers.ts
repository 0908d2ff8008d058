import { UNIQUE, type Person, type Search } from './search-people.js';

/** Patients in the database. */
export const PEOPLE = 100_000;
/** Answers of each kind of search that are compared with those of the plain tables. */
export const CHECKED_ANSWERS = 50;
/** The minimum share of the searches per second of the plain tables. */
const TARGET = 0.7;

export const isReached = (ratio: number): string => (ratio >= TARGET ? 'yes' : 'NO');

/** A full page may lack the patient: only the oldest are on it. The comparison with the plain tables checks who they are. */
export function isExpected(name: Search, person: Person, items: readonly { id: string }[]): boolean {
  if (UNIQUE.includes(name)) return items.length === 1 && items[0]?.id === person.clientId;
  return items.length === 20 || items.some(({ id }) => id === person.clientId);
}
