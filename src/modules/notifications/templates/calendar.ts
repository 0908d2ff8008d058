import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalCalendarMethod,
  ICalEventClass,
  ICalEventStatus,
  type ICalEventData,
} from 'ical-generator';
import { oneLine } from './safe-text.js';

/** A calendar entry of an appointment. Instants are epoch milliseconds. */
export interface CalendarEvent {
  appointmentId: string;
  version: number;
  start: number;
  end: number;
  status: string;
  /** Without the service: calendars are synced and shared, and a service's name can reveal a diagnosis. */
  summary: string;
  location: string;
  /** What has changed since the previous entry. */
  description?: string;
  organizer: { name: string; email: string };
  attendee?: { name: string; email: string };
}

const PRODUCT = { company: 'CareSlot', product: 'Appointments', language: 'EN' };

const STATUS: Record<string, ICalEventStatus> = {
  PENDING: ICalEventStatus.TENTATIVE,
  CANCELLED: ICalEventStatus.CANCELLED,
};

/** An iTIP file (RFC 5546) by which mail programs add the appointment to the calendar or remove it. */
export function calendarFile(method: 'REQUEST' | 'CANCEL', event: CalendarEvent, now: number): string {
  const cancelled = method === 'CANCEL' && { status: 'CANCELLED' };
  const calendar = ical({
    prodId: PRODUCT,
    method: ICalCalendarMethod[method],
    events: [eventData({ ...event, ...cancelled }, now)],
  });
  // Every line ends with CRLF, also the last one (RFC 5545, 3.1).
  return `${calendar.toString().trimEnd()}\r\n`;
}

/** Times are in UTC: calendars show them in the owner's time zone, and no VTIMEZONE can become outdated. */
function eventData(event: CalendarEvent, now: number): ICalEventData {
  const { organizer, attendee, location } = event;
  return {
    id: `appointment-${event.appointmentId}@careslot`,
    sequence: Math.max(0, event.version - 1),
    stamp: new Date(now),
    start: new Date(event.start),
    end: new Date(event.end),
    status: STATUS[event.status] ?? ICalEventStatus.CONFIRMED,
    class: ICalEventClass.PRIVATE,
    summary: oneLine(event.summary),
    location: oneLine(location),
    ...(event.description && { description: oneLine(event.description) }),
    organizer: { name: parameter(organizer.name), email: organizer.email },
    ...(attendee && { attendees: [guest(attendee)] }),
  };
}

/** The patient has accepted by booking. No reply is requested, because nobody reads the sender's mailbox. */
const guest = ({ name, email }: { name: string; email: string }) => ({
  name: parameter(name),
  email,
  role: ICalAttendeeRole.REQ,
  status: ICalAttendeeStatus.ACCEPTED,
  rsvp: false,
});

/** A parameter value cannot contain a quotation mark (RFC 5545, 3.1). */
const parameter = (text: string): string => oneLine(text).replace(/["\\]/g, '’');
