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

/** What a message is about. Instants are epoch milliseconds. */
export interface TemplateFacts {
  recipientName: string;
  clinicName: string;
  clinicPhone: string | null;
  clinicAddress: string | null;
  doctorName: string;
  serviceName: string;
  start: number;
  end: number;
  previousStart?: number;
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

export interface Rendered {
  subject: string;
  /** For mail and inbox, plain. */
  text: string;
  /** For SMS and push: at most 300 characters, and no service's name, since that can tell a diagnosis. */
  short: string;
  title: string;
  html: string;
  calendar?: { method: 'REQUEST' | 'CANCEL'; content: string };
}

@Injectable()
export class Templates {
  render(_kind: NotificationKind, _locale: string, _facts: TemplateFacts): Rendered {
    throw new Error('not written yet');
  }
}
