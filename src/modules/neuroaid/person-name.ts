import { invalid } from '../../core/kernel/domain-error.js';
import { hasVisibleCharacter } from '../../core/kernel/names.js';

/** The last name of accounts with a single name, as both names are required. */
const NO_LAST_NAME = '-';
const MAX_LENGTH = 100;

interface Names {
  name?: string;
  firstName?: string;
  lastName?: string;
}

/**
 * The first and last name. A single name is split: its first word is the first name, the rest is the last name.
 * @throws DomainError VALIDATION_ERROR
 */
export function personNames({ name, firstName, lastName }: Names): { firstName: string; lastName: string } {
  if (firstName && lastName) return { firstName, lastName };
  if (!name) throw invalid({ field: 'name', error: 'must be given, or firstName and lastName' });
  const [first = '', ...rest] = name.split(/\s+/).filter(hasVisibleCharacter);
  const last = rest.join(' ');
  if (first.length > MAX_LENGTH || last.length > MAX_LENGTH) {
    throw invalid({
      field: 'name',
      error: `must have at most ${MAX_LENGTH} characters before and after its first space`,
    });
  }
  return { firstName: first, lastName: last || NO_LAST_NAME };
}

/** Joins the parts of a name. */
export const fullName = (...parts: (string | null)[]): string =>
  parts.filter((part) => part && part !== NO_LAST_NAME).join(' ');
