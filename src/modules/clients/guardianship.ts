import { Temporal } from 'temporal-polyfill';
import { Zone } from '../../core/kernel/zone.js';

const YEARS_OF_CHILDHOOD = 18;

/** What decides whether a guardian may still act for a child. */
export interface GuardianshipTerms {
  /** The child's, YYYY-MM-DD. A child without one has no guardians. */
  dateOfBirth: string | null;
  /** Of the clinic that linked them. */
  timeZone: string;
}

/** The day on which the child is 18, YYYY-MM-DD. For 29 February: 28 February. */
export const eighteenthBirthday = (dateOfBirth: string): string =>
  Temporal.PlainDate.from(dateOfBirth).add({ years: YEARS_OF_CHILDHOOD }).toString();

/** Until the birthday begins at the clinic. */
export const isInForce = ({ dateOfBirth, timeZone }: GuardianshipTerms, now: number): boolean =>
  dateOfBirth !== null && Zone.of(timeZone).toDay(now) < eighteenthBirthday(dateOfBirth);
