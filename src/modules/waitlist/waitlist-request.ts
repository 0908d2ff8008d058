import { invalid } from '../../core/kernel/domain-error.js';
import { Zone } from '../../core/kernel/zone.js';
import { referralRequired, referralUsed } from '../appointments/index.js';
import { toMinutes, type BookingRules } from '../scheduling/index.js';
import { toUrgencyNumber } from './waitlist-status.js';
import type { JoinWaitlist } from './waitlist.dto.js';
import type { NewEntry, WaitingReferral } from './waitlist.repository.js';

const MAX_DAYS = 366;

/**
 * The entry of a request.
 * @param now epoch milliseconds
 * @throws DomainError VALIDATION_ERROR for days that are over, too many or in the wrong order, and for a doctor of another service;
 *   SLOT_NOT_OFFERED without the referral that the service requires
 */
export function toEntry(
  request: JoinWaitlist,
  { rules, id, clientId, now }: { rules: BookingRules; id: string; clientId: string; now: number },
): NewEntry {
  const { clinicId, serviceId, timeZone } = rules.row;
  const zone = Zone.of(timeZone);
  const { from, to, startTime, endTime, weekdays } = request;
  const doctorId = request.doctorId?.toLowerCase() ?? null;
  if (doctorId !== null && !rules.doctor(doctorId))
    throw invalid({ field: 'doctorId', error: 'is not a doctor of this service' });
  if (request.appointmentId && request.referralId)
    throw invalid({ field: 'referralId', error: 'must not be given together with appointmentId' });
  // Also for the front desk, because the patient accepts the offer.
  if (rules.row.requiresReferral && !request.appointmentId && !request.referralId) throw referralRequired();
  if (to < from) throw invalid({ field: 'to', error: 'must not be before from' });
  if (to < zone.toDay(now)) throw invalid({ field: 'to', error: 'must not be in the past' });
  if (to >= zone.addDays(from, MAX_DAYS))
    throw invalid({ field: 'to', error: `must be less than ${MAX_DAYS} days after from` });
  if (startTime && endTime && toMinutes(startTime) >= toMinutes(endTime))
    throw invalid({ field: 'endTime', error: 'must be after startTime' });
  return {
    id,
    clinicId,
    clientId,
    serviceId,
    doctorId,
    appointmentId: request.appointmentId?.toLowerCase() ?? null,
    referralId: request.referralId?.toLowerCase() ?? null,
    fromDay: from,
    toDay: to,
    endsAt: new Date(zone.startOfDay(zone.addDays(to, 1))),
    weekdays: weekdays ? [...weekdays].sort((a, b) => a - b) : null,
    startMinute: startTime ? toMinutes(startTime) : null,
    endMinute: endTime ? toMinutes(endTime) : null,
    urgency: toUrgencyNumber(request.urgency ?? 'NORMAL'),
  };
}

/**
 * An entry never waits for what its referral does not allow.
 * @throws DomainError VALIDATION_ERROR, SLOT_NOT_OFFERED (REFERRAL_USED)
 */
export function assertReferral(entry: NewEntry, referral: WaitingReferral | null): void {
  if (referral?.clientId !== entry.clientId)
    throw invalid({ field: 'referralId', error: 'is not a referral of this patient' });
  const { validFrom, validTo, doctorId } = referral;
  if (referral.serviceId !== entry.serviceId)
    throw invalid({ field: 'serviceId', error: 'is not the service of the referral' });
  if (doctorId && entry.doctorId && doctorId !== entry.doctorId)
    throw invalid({ field: 'doctorId', error: 'is not the doctor of the referral' });
  if (entry.toDay < validFrom || entry.fromDay > validTo)
    throw invalid({ field: 'to', error: `must be from ${validFrom} to ${validTo}, the days of the referral` });
  if (referral.appointmentId) throw referralUsed();
}

/** Whether both entries of a patient wait for the same. */
export const isSame = (a: NewEntry, b: NewEntry): boolean =>
  a.serviceId === b.serviceId &&
  a.doctorId === b.doctorId &&
  a.appointmentId === b.appointmentId &&
  a.fromDay === b.fromDay &&
  a.toDay === b.toDay &&
  String(a.weekdays) === String(b.weekdays) &&
  a.startMinute === b.startMinute &&
  a.endMinute === b.endMinute;
