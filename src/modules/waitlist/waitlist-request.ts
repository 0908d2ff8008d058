import { invalid } from '../../core/kernel/domain-error.js';
import { Zone } from '../../core/kernel/zone.js';
import { toMinutes, type BookingRules } from '../scheduling/index.js';
import { toUrgencyNumber } from './waitlist-status.js';
import type { JoinWaitlist } from './waitlist.dto.js';
import type { NewEntry } from './waitlist.repository.js';

const MAX_DAYS = 366;

/**
 * The entry of a request.
 * @param now epoch milliseconds
 * @throws DomainError VALIDATION_ERROR for days that are over, too many or in the wrong order, and for a doctor of another service
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
  if (to < from) throw invalid({ field: 'to', error: 'must not be before from' });
  if (to < zone.toDay(now)) throw invalid({ field: 'to', error: 'must not be in the past' });
  if (to >= zone.addDays(from, MAX_DAYS))
    throw invalid({ field: 'to', error: `must be less than ${MAX_DAYS} days after from` });
  if (startTime && endTime && toMinutes(startTime) >= toMinutes(endTime))
    throw invalid({ field: 'endTime', error: 'must be after startTime' });
  return {
    ...{ id, clinicId, clientId, serviceId, doctorId },
    appointmentId: request.appointmentId?.toLowerCase() ?? null,
    fromDay: from,
    toDay: to,
    endsAt: new Date(zone.startOfDay(zone.addDays(to, 1))),
    weekdays: weekdays ? [...weekdays].sort((a, b) => a - b) : null,
    startMinute: startTime ? toMinutes(startTime) : null,
    endMinute: endTime ? toMinutes(endTime) : null,
    urgency: toUrgencyNumber(request.urgency ?? 'NORMAL'),
  };
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
