import { invalid, type DomainError } from '../../core/kernel/domain-error.js';
import type { AppointmentStatus } from './appointment-status.js';

/** A visit that another system has booked. */
export interface ImportedVisit {
  clientId: string;
  doctorId: string;
  serviceId: string;
  start: Date;
  /** Null: after the service's length. */
  end: Date | null;
  /** Null: COMPLETED in the past, otherwise as the service books it. */
  status: AppointmentStatus | null;
  notes: string | null;
  /** Patients do not see them. */
  staffNotes?: string | null;
  /** Null: the service's price. In minor units of its currency. */
  priceMinor?: number | null;
  /** Whether the caller knows that it was not taken over before, although the patient may have a cancelled visit at the same time. */
  isNew?: boolean;
}

const MINUTE = 60_000;
/** The longest service. */
const MAX_MINUTES = 12 * 60;

/**
 * The length of a visit; null for that of the service.
 * @throws DomainError VALIDATION_ERROR if it does not end after its start, or is longer than any service
 */
export function getMinutes({ start, end }: Pick<ImportedVisit, 'start' | 'end'>): number | null {
  if (end === null) return null;
  const minutes = (end.getTime() - start.getTime()) / MINUTE;
  if (minutes > 0 && minutes <= MAX_MINUTES) return minutes;
  throw invalid({ field: 'end', error: `must be after the start, and at most ${MAX_MINUTES / 60} hours later` });
}

/** The visit that an imported one collides with. */
export interface CollidingVisit {
  /** Null for a held time, or if no room or equipment is free. */
  appointmentId: string | null;
  startDateTime: Date;
}

export type ImportedOutcome =
  /** RECORDED: a past or cancelled visit, which reserves no time. UNCHANGED: the patient has a visit with this doctor at this time. */
  | { outcome: 'RECORDED' | 'BOOKED' | 'UNCHANGED'; id: string }
  | { outcome: 'COLLIDES'; with: CollidingVisit }
  | { outcome: 'REFUSED'; error: DomainError };

/** Identifies a visit: nobody is twice with the same doctor at the same time. */
export const toVisitKey = ({
  clientId,
  doctorId,
  start,
}: Pick<ImportedVisit, 'clientId' | 'doctorId' | 'start'>): string =>
  `${clientId.toLowerCase()} ${doctorId.toLowerCase()} ${start.toISOString()}`;
