import type { Language } from '../../core/kernel/locale.js';
import { oneLine, personName } from '../../core/kernel/names.js';
import type { AppointmentDetails } from '../appointments/index.js';
import type { CalendarEvent } from './calendar-file.js';
import { CALENDAR_WORDS, type CalendarWords } from './calendar-words.js';

/** What calendar entries need of an appointment. Instants are epoch milliseconds. */
export interface CalendarVisit {
  appointmentId: string;
  version: number;
  start: number;
  end: number;
  status: string;
  doctorName: string;
  clinicName: string;
  clinicAddress: string | null;
  mode: 'IN_PERSON' | 'VIDEO';
  /** The link to join a video visit, if the reader may know it. */
  videoUrl?: string | null;
}

/** The statuses of visits that do not take place. */
const NOT_HELD = ['CANCELLED', 'NO_SHOW'];

export interface EventOptions {
  language: Language;
  organizerEmail: string;
  /** Is put before the link in the description. */
  note?: string;
}

/**
 * The patient's entry. It has neither the service nor the room: calendars are synced and shared, and these names can reveal a
 * diagnosis.
 */
export function toPatientEvent(visit: CalendarVisit, options: EventOptions): CalendarEvent {
  return toEvent(visit, options, ({ appointment }) =>
    appointment(personName(visit.doctorName), oneLine(visit.clinicName)),
  );
}

/** The doctor's entry. @param patient the patient's name or initials */
export function toDoctorEvent(visit: CalendarVisit, patient: string, options: EventOptions): CalendarEvent {
  return toEvent(visit, options, ({ visitOf }) => visitOf(personName(patient), oneLine(visit.clinicName)));
}

function toEvent(
  visit: CalendarVisit,
  { language, organizerEmail, note }: EventOptions,
  getSummary: (words: CalendarWords) => string,
): CalendarEvent {
  const words = CALENDAR_WORDS[language];
  const { appointmentId, version, start, end, status, mode, videoUrl, clinicAddress } = visit;
  const clinicName = oneLine(visit.clinicName);
  const isVideo = mode === 'VIDEO';
  const link = isVideo && !NOT_HELD.includes(status) ? videoUrl : null;
  const description = [note, link && `${words.join}: ${link}`].filter(Boolean).join('. ');
  return {
    appointmentId,
    version,
    start,
    end,
    status,
    summary: getSummary(words),
    location: isVideo ? words.videoVisit : (clinicAddress ?? clinicName),
    organizer: { name: clinicName, email: organizerEmail },
    ...(description && { description }),
    ...(link && { url: link }),
  };
}

/** @param videoUrl as far as the reader may know it */
export const toCalendarVisit = (details: AppointmentDetails, videoUrl: string | null): CalendarVisit => ({
  ...details,
  videoUrl,
  appointmentId: details.id,
  start: details.startAt.getTime(),
  end: details.endAt.getTime(),
});

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
const LETTER = /[\p{L}\p{N}]/u;

/** The first letters of a patient's names, such as `A. H.` */
export function toInitials(...names: string[]): string {
  const initials = names.map((name) => [...graphemes.segment(name)].find(({ segment }) => LETTER.test(segment)));
  return initials.flatMap((initial) => (initial ? [`${initial.segment.toUpperCase()}.`] : [])).join(' ') || '–';
}
