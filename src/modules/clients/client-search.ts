import { canonicalEmail } from '../../core/kernel/email.js';
import { phoneDigits, possibleE164 } from '../../core/kernel/phone.js';
import type { Actor } from '../../core/security/actor.js';
import { hasTrustedAddress, personMatches } from '../users/index.js';
import { birthDates } from './birth-dates.js';

/** Adds a value to the statement. @returns its placeholder */
export type Take = (value: unknown) => string;

/** What somebody typed to find a patient, with the countries in which a number may be meant. */
export interface SoughtPatient {
  q: string;
  countries: readonly string[];
}

const FEWEST_DIGITS = 4;
const FULL_NUMBER_DIGITS = 7;

/** Patients whom clinics know at present (the view says by which rule). SQL on `client c`. */
export const knownAt = (clinicIds: readonly string[], take: Take): string =>
  `EXISTS (SELECT FROM clinic_patient x WHERE x.client_id = c.id AND x.clinic_id = ANY (${take(clinicIds)}::uuid[]))`;

/**
 * Whose records the actor may read. SQL on `client c` and `user_account u`: the patients of one's clinics; a doctor's own
 * patients. Somebody whom no clinic knows is found by the desk only by the whole address (one that was verified) or
 * number, which that person has just told it.
 */
export function visibleTo(actor: Actor, sought: SoughtPatient | null, take: Take): string {
  if (actor.role === 'ADMIN') return 'true';
  if (actor.role === 'DOCTOR') {
    return `EXISTS (SELECT FROM appointment a WHERE a.client_id = c.id AND a.status <> 'CANCELLED'
      AND a.doctor_id = ${take(actor.doctorId)}::uuid)`;
  }
  const own = knownAt(actor.clinicIds, take);
  if (!sought) return own;
  const address = `(u.email = ${take(canonicalEmail(sought.q))} AND ${hasTrustedAddress('u')})`;
  const whole = [address, ...wholeNumber(sought, take)];
  return `(${own} OR (${KNOWN_NOWHERE} AND (${whole.join(' OR ')})))`;
}

const KNOWN_NOWHERE = `NOT EXISTS (SELECT FROM clinic_patient y WHERE y.client_id = c.id)`;

/**
 * Patients who match by name, address, telephone number, record number or date of birth. SQL on `client c`: the parts are
 * joined by UNION, so that each can use its index.
 * @param clinicIds whose record numbers are looked at; null for all
 */
export function matching(sought: SoughtPatient, clinicIds: readonly string[] | null, take: Take): string {
  const { q } = sought;
  const byPerson = [personMatches(q, take), ...numbers(sought, take)].map(
    (condition) => `SELECT p.id FROM client p JOIN user_account u ON u.id = p.user_id WHERE ${condition}`,
  );
  const inClinics = clinicIds ? `AND r.clinic_id = ANY (${take(clinicIds)}::uuid[])` : '';
  const byNumber = `SELECT r.client_id FROM client_clinic r WHERE r.mrn_key = mrn_key(${take(q)}) ${inClinics}`;
  return `c.id IN (${[...byPerson, byNumber, ...birth(q, take)].join(' UNION ')})`;
}

function birth(q: string, take: Take): string[] {
  const dates = birthDates(q);
  return dates.length === 0 ? [] : [`SELECT b.id FROM client b WHERE b.date_of_birth = ANY (${take(dates)}::date[])`];
}

/** The number in E.164, or a part of it by its digits. Local numbers begin with zeros that E.164 does not have. */
function numbers(sought: SoughtPatient, take: Take): string[] {
  const part = phoneDigits(sought.q).replace(/^0+/, '');
  if (part.length < FEWEST_DIGITS) return [];
  return [`phone_digits(u.phone) LIKE ${take(`%${part}%`)}`, ...wholeNumber(sought, take)];
}

function wholeNumber({ q, countries }: SoughtPatient, take: Take): string[] {
  const digits = phoneDigits(q);
  if (digits.length < FULL_NUMBER_DIGITS) return [];
  return [`u.phone = ANY (${take(possibleE164(q, countries))}::text[])`, `phone_digits(u.phone) = ${take(digits)}`];
}
