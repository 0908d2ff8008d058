import { isEmail } from 'class-validator';
import { canonicalEmail } from '../../../core/kernel/email.js';
import { languageTag } from '../../../core/kernel/locale.js';
import { cleanName, hasControlCharacter, hasVisibleCharacter, hasWebAddress } from '../../../core/kernel/names.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import type { Claims } from './identity-provider.js';

const MAX_SUBJECT_CHARACTERS = 255;
const MAX_EMAIL_CHARACTERS = 254;
const MAX_NAME_CHARACTERS = 100;
/** The name of an account if the provider gives none that is allowed here. The front desk corrects it at the first visit. */
const DEFAULT_NAME = { firstName: 'New', lastName: 'Patient' };

/** A user of a provider, checked like the fields of a registration. */
export interface ProviderPerson {
  subject: string;
  /** In canonical form; null if there is none, or none that is valid. */
  email: string | null;
  /** Whether the provider says that the address is the user's. */
  isEmailVerified: boolean;
  firstName: string;
  lastName: string;
  locale: string | null;
}

/** @throws ProviderError INVALID_ANSWER without a subject */
export function toPerson(claims: Claims): ProviderPerson {
  const { sub } = claims;
  if (!isSubject(sub)) throw new ProviderError('INVALID_ANSWER');
  const email = toEmail(claims.email);
  const [first, ...others] = toText(claims.name).split(/\s+/);
  return {
    subject: sub,
    email,
    // Some providers send booleans as text.
    isEmailVerified: email !== null && (claims.email_verified === true || claims.email_verified === 'true'),
    firstName: toName(claims.given_name) ?? toName(first) ?? DEFAULT_NAME.firstName,
    lastName: toName(claims.family_name) ?? toName(others.join(' ')) ?? DEFAULT_NAME.lastName,
    locale: languageTag(toText(claims.locale)),
  };
}

/** Half of a surrogate pair: it would be stored as U+FFFD, and so would another one, of another user. */
const SURROGATE = /\p{Surrogate}/u;

const isSubject = (sub: unknown): sub is string =>
  typeof sub === 'string' &&
  sub !== '' &&
  sub.length <= MAX_SUBJECT_CHARACTERS &&
  !hasControlCharacter(sub) &&
  !SURROGATE.test(sub);

function toEmail(value: unknown): string | null {
  const email = canonicalEmail(toText(value));
  return email.length <= MAX_EMAIL_CHARACTERS && isEmail(email) ? email : null;
}

function toName(value: unknown): string | null {
  const name = cleanName([...toText(value)].slice(0, MAX_NAME_CHARACTERS).join(''));
  const isAllowed = name !== '' && hasVisibleCharacter(name) && !hasControlCharacter(name) && !hasWebAddress(name);
  return isAllowed && name.length <= MAX_NAME_CHARACTERS ? name : null;
}

const MAX_CLAIM_CHARACTERS = 1_000;

const toText = (value: unknown): string =>
  typeof value === 'string' && value.length <= MAX_CLAIM_CHARACTERS ? value.trim() : '';
