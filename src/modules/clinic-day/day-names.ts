import type { Zone } from '../../core/kernel/zone.js';
import type { SentDay } from './day.dto.js';

const MINUTES_PER_HOUR = 60;

export const toName = ({ firstName, lastName }: { firstName: string; lastName: string }): string =>
  `${firstName} ${lastName}`;

export const toDoctorName = (doctor: { title: string | null; firstName: string; lastName: string }): string =>
  `${doctor.title ? `${doctor.title} ` : ''}${toName(doctor)}`;

/** The names of the doctors, by id. */
export const toDoctorNames = ({ doctors }: Pick<SentDay, 'doctors'>): Map<string, string> =>
  new Map(doctors.map((doctor) => [doctor.id, toDoctorName(doctor)]));

/** HH:mm on the clinic's clock. @param instant ISO 8601 */
export function toClockTime(zone: Zone, instant: string): string {
  const minute = zone.minuteOfDay(Date.parse(instant));
  const padded = (value: number): string => String(value).padStart(2, '0');
  return `${padded(Math.floor(minute / MINUTES_PER_HOUR))}:${padded(minute % MINUTES_PER_HOUR)}`;
}
