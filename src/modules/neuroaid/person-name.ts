import { invalid } from '../../core/kernel/domain-error.js';
import { hasVisibleCharacter } from '../../core/kernel/names.js';

/** The last name of who has but one name: an account has both. */
const NO_LAST_NAME = '-';
const LONGEST = 100;

interface Names {
  name?: string;
  firstName?: string;
  lastName?: string;
}

/**
 * First and last name, from the two of them or from one name: its first word, and the rest.
 * @throws DomainError VALIDATION_ERROR
 */
export function personNames({ name, firstName, lastName }: Names): { firstName: string; lastName: string } {
  if (firstName && lastName) return { firstName, lastName };
  if (!name) throw invalid({ field: 'name', error: 'must be given, or firstName and lastName' });
  const [first = '', ...rest] = name.split(/\s+/).filter(hasVisibleCharacter);
  const last = rest.join(' ');
  if (first.length > LONGEST || last.length > LONGEST) {
    throw invalid({ field: 'name', error: `must have at most ${LONGEST} characters before and after its first blank` });
  }
  return { firstName: first, lastName: last || NO_LAST_NAME };
}

/** One name of its parts. */
export const fullName = (...parts: (string | null)[]): string =>
  parts.filter((part) => part && part !== NO_LAST_NAME).join(' ');
