import { Injectable } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { Clock } from '../../../core/kernel/clock.js';
import { mailAddress } from '../channels/mail-from.js';
import { invitation, publishedCalendar, type CalendarEvent } from './calendar.js';
import { TEXT } from './engine.js';
import { negotiate, type Locale } from './locales.js';
import { Message } from './message.js';
import { oneLine, personName } from './safe-text.js';

export const NOTIFICATION_KINDS = [
  'APPOINTMENT_BOOKED',
  'APPOINTMENT_CONFIRMED',
  'APPOINTMENT_MOVED',
  'APPOINTMENT_CANCELLED',
  'APPOINTMENT_REINSTATED',
  'APPOINTMENT_REMINDER',
  'MESSAGE_FROM_CLINIC',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** With the mails about an account, for which there is no choice of channels. */
export const MESSAGE_KINDS = [...NOTIFICATION_KINDS, 'EMAIL_VERIFICATION'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** What a message is about. Instants are epoch milliseconds. */
export interface TemplateFacts {
  recipientName: string;
  /** Names the guest in the calendar's invitation, without which Outlook and Gmail take it for another's. */
  recipientEmail?: string | null;
  clinicName: string;
  clinicPhone: string | null;
  clinicAddress: string | null;
  doctorName: string;
  /** Stands in no message: a service's name can tell a diagnosis. */
  serviceName: string;
  start: number;
  end: number;
  /** The names of the rooms. In no calendar and no SMS: a room's name can tell a diagnosis, too. */
  rooms?: string[];
  /** APPOINTMENT_MOVED: what is different now, as it was. */
  previousStart?: number;
  previousDoctorName?: string;
  previousRooms?: string[];
  /** APPOINTMENT_CANCELLED: what whoever cancelled gave as the reason. In no calendar. */
  cancelReason?: string;
  /** The recipient's zone. */
  timeZone: string;
  clinicTimeZone: string;
  mode: 'IN_PERSON' | 'VIDEO';
  status: string;
  appointmentId: string;
  /** The calendar's SEQUENCE is this less one. */
  version: number;
  links?: { confirm?: string; cancel?: string; manage?: string; unsubscribe?: string };
  /** MESSAGE_FROM_CLINIC: text written by staff, taken literally. */
  note?: string;
}

/** Each part is made when it is asked for: an inbox needs no HTML, an SMS little at all. */
export interface Rendered {
  subject: string;
  /** For mail and inbox, plain. */
  text: string;
  /** For SMS and push: at most 300 characters, and no service's name. */
  short: string;
  title: string;
  html: string;
  calendar?: { method: 'REQUEST' | 'CANCEL'; content: string };
}

export type CalendarFacts = Pick<
  TemplateFacts,
  | 'appointmentId'
  | 'clinicAddress'
  | 'clinicName'
  | 'doctorName'
  | 'end'
  | 'mode'
  | 'recipientEmail'
  | 'recipientName'
  | 'start'
  | 'status'
  | 'version'
>;

/** A reminder has none: the entry is in the calendar already. */
const CALENDAR_METHOD: Partial<Record<NotificationKind, 'REQUEST' | 'CANCEL'>> = {
  APPOINTMENT_BOOKED: 'REQUEST',
  APPOINTMENT_CONFIRMED: 'REQUEST',
  APPOINTMENT_MOVED: 'REQUEST',
  APPOINTMENT_CANCELLED: 'CANCEL',
  APPOINTMENT_REINSTATED: 'REQUEST',
};

/** What is said to patients, in their language and their zone. */
@Injectable()
export class Templates {
  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  render(kind: NotificationKind, locale: string, facts: TemplateFacts): Rendered {
    const negotiated = negotiate(locale);
    const message = new Message(kind, negotiated, facts);
    const calendar = (): Rendered['calendar'] => this.invitationOf(kind, negotiated, facts, message.whatChanged());
    return {
      get subject() {
        return message.subject();
      },
      get text() {
        return message.text();
      },
      get short() {
        return message.short();
      },
      get title() {
        return message.title();
      },
      get html() {
        return message.html();
      },
      get calendar() {
        return calendar();
      },
    };
  }

  /** The file behind `calendar.ics` routes: all of a person's appointments. */
  calendar(name: string, locale: string, appointments: readonly CalendarFacts[]): string {
    const negotiated = negotiate(locale);
    const events = appointments.map((facts) => this.eventOf(negotiated, facts));
    return publishedCalendar(name, events, this.clock.now());
  }

  private invitationOf(
    kind: NotificationKind,
    locale: Locale,
    facts: TemplateFacts,
    changed: string | null,
  ): Rendered['calendar'] {
    const method = CALENDAR_METHOD[kind];
    const event = { ...this.eventOf(locale, facts), ...(changed && { description: changed }) };
    return method && { method, content: invitation(method, event, this.clock.now()) };
  }

  private eventOf({ language }: Locale, facts: CalendarFacts): CalendarEvent {
    const { labels } = TEXT[language];
    const names = { doctor: personName(facts.doctorName), clinic: oneLine(facts.clinicName) };
    const { appointmentId, version, start, end, status, recipientEmail } = facts;
    return {
      appointmentId,
      version,
      start,
      end,
      status,
      summary: labels.summary(names),
      location: facts.mode === 'VIDEO' ? labels.videoVisit({}) : (facts.clinicAddress ?? names.clinic),
      organizer: { name: names.clinic, email: mailAddress(this.config.MAIL_FROM) },
      ...(recipientEmail && { attendee: { name: personName(facts.recipientName), email: recipientEmail } }),
    };
  }
}
