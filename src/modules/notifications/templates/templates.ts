import { Injectable } from '@nestjs/common';

export const NOTIFICATION_KINDS = [
  'APPOINTMENT_BOOKED',
  'APPOINTMENT_CONFIRMED',
  'APPOINTMENT_MOVED',
  'APPOINTMENT_CANCELLED',
  'APPOINTMENT_REMINDER',
  'WAITLIST_OFFER',
  'MESSAGE_FROM_CLINIC',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

export interface TemplateFacts {
  recipientName: string;
  clinicName: string;
  clinicPhone: string | null;
  clinicAddress: string | null;
  doctorName: string;
  serviceName: string;
  /** Epoch milliseconds. */
  start: number;
  end: number;
  previousStart?: number;
  /** The recipient's zone. */
  timeZone: string;
  clinicTimeZone: string;
  mode: 'IN_PERSON' | 'VIDEO';
  status: string;
  appointmentId: string;
  /** The SEQUENCE of the calendar entry is version - 1. */
  version: number;
  links?: { confirm?: string; cancel?: string; manage?: string; unsubscribe?: string };
  /** MESSAGE_FROM_CLINIC: what the desk wrote, literally. */
  note?: string;
}

export interface Rendered {
  subject: string;
  text: string;
  short: string;
  title: string;
  html: string;
  calendar?: { method: 'REQUEST' | 'CANCEL'; content: string };
}

@Injectable()
export class Templates {
  render(kind: NotificationKind, _locale: string, facts: TemplateFacts): Rendered {
    const text = `${kind} ${new Date(facts.start).toISOString()}`;
    return { subject: kind, text, short: text, title: kind, html: text };
  }
}
