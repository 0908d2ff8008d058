import type { Zone } from '../../core/kernel/zone.js';
import { toLocalTime } from '../scheduling/index.js';
import type { SentDay } from './day.dto.js';

export const toName = ({ firstName, lastName }: { firstName: string; lastName: string }): string =>
  `${firstName} ${lastName}`;

export const toDoctorName = (doctor: { title: string | null; firstName: string; lastName: string }): string =>
  `${doctor.title ? `${doctor.title} ` : ''}${toName(doctor)}`;

/** The names of the doctors, by id. */
export const toDoctorNames = ({ doctors }: Pick<SentDay, 'doctors'>): Map<string, string> =>
  new Map(doctors.map((doctor) => [doctor.id, toDoctorName(doctor)]));

/** HH:mm on the clinic's clock. @param instant ISO 8601 */
export const toClockTime = (zone: Zone, instant: string): string => toLocalTime(zone.minuteOfDay(Date.parse(instant)));
