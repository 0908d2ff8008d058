import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalCalendarMethod,
  ICalEventClass,
  ICalEventStatus,
  type ICalEventData,
} from 'ical-generator';
import { oneLine } from '../../core/kernel/names.js';

/** A calendar entry of an appointment. Instants are epoch milliseconds. */
export interface CalendarEvent {
  appointmentId: string;
  version: number;
  start: number;
  end: number;
  status: string;
  summary: string;
  location: string;
  /** Such as what has changed since the previous entry. */
  description?: string;
  /** The link to a video visit. */
  url?: string;
  organizer: { name: string; email: string };
  /** Only in messages: a published calendar must not have guests (RFC 5546, 3.2.1). */
  attendee?: { name: string; email: string };
  /** When the appointment last changed. Absent in messages, whose entry is as old as the message. */
  updatedAt?: number;
}

/**
 * REQUEST and CANCEL are for e-mails, by which mail programs add the entry or remove it. PUBLISH is for files that people download and
 * calendars that they subscribe to. A file of a cancelled appointment is a CANCEL, too.
 */
export type CalendarMethod = 'REQUEST' | 'CANCEL' | 'PUBLISH';

export interface CalendarOptions {
  method: CalendarMethod;
  /** The time of the file, for entries without `updatedAt`. */
  now: number;
  /** The name that programs show for a subscribed calendar. */
  name?: string;
}

const PRODUCT = { company: 'CareSlot', product: 'Appointments', language: 'EN' };

/** How often programs should read a subscribed calendar again. */
const REFRESH_SECONDS = 60 * 60;

const STATUS: Record<string, ICalEventStatus> = {
  PENDING: ICalEventStatus.TENTATIVE,
  CANCELLED: ICalEventStatus.CANCELLED,
  NO_SHOW: ICalEventStatus.CANCELLED,
};

/** An iCalendar file (RFC 5545, RFC 5546). */
export function calendarFile(events: readonly CalendarEvent[], { method, now, name }: CalendarOptions): string {
  const cancelled = method === 'CANCEL' && { status: 'CANCELLED' };
  const calendar = ical({
    prodId: PRODUCT,
    method: ICalCalendarMethod[method],
    ...(name !== undefined && { name: escapeText(oneLine(name)), ttl: REFRESH_SECONDS }),
    events: events.map((event) => toEventData({ ...event, ...cancelled }, now)),
  });
  // Every line ends with CRLF, also the last one (RFC 5545, 3.1).
  return `${calendar.toString().trimEnd()}\r\n`;
}

/** Times are in UTC: calendars show them in the owner's time zone, and no VTIMEZONE can become outdated. */
function toEventData(event: CalendarEvent, now: number): ICalEventData {
  const { organizer, attendee, location, updatedAt } = event;
  return {
    id: `appointment-${event.appointmentId}@careslot`,
    sequence: Math.max(0, event.version - 1),
    stamp: new Date(updatedAt ?? now),
    start: new Date(event.start),
    end: new Date(event.end),
    status: STATUS[event.status] ?? ICalEventStatus.CONFIRMED,
    class: ICalEventClass.PRIVATE,
    summary: oneLine(event.summary),
    location: oneLine(location),
    ...(updatedAt !== undefined && { lastModified: new Date(updatedAt) }),
    ...(event.description && { description: oneLine(event.description) }),
    ...(event.url && { url: escapeUrl(event.url) }),
    organizer: { name: toParameterValue(organizer.name), email: organizer.email },
    ...(attendee && { attendees: [toAttendee(attendee)] }),
  };
}

/** The patient has accepted by booking. No reply is requested, because nobody reads the sender's mailbox. */
const toAttendee = ({ name, email }: { name: string; email: string }) => ({
  name: toParameterValue(name),
  email,
  role: ICalAttendeeRole.REQ,
  status: ICalAttendeeStatus.ACCEPTED,
  rsvp: false,
});

/** A parameter value cannot contain a quotation mark (RFC 5545, 3.1). */
const toParameterValue = (text: string): string => oneLine(text).replace(/["\\]/g, '’');

/** The generator does not escape the name of a calendar (RFC 5545, 3.3.11). */
const escapeText = (text: string): string => text.replace(/[\\;,]/g, '\\$&');

/** The generator escapes a URL like a text, but a URL must not be escaped (RFC 5545, 3.3.13). */
const escapeUrl = (url: string): string => url.replace(/[\\;,]/g, encodeURIComponent);
