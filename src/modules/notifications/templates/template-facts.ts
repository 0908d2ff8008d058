/** The values of one appointment. Instants are epoch milliseconds. */
export interface VisitFacts {
  appointmentId: string;
  /** The calendar's SEQUENCE is this minus one. */
  version: number;
  status: string;
  start: number;
  end: number;
  doctorName: string;
  mode: 'IN_PERSON' | 'VIDEO';
  /** The link to join a video visit. Not in SMS and push, which others can read on a locked phone. */
  videoUrl?: string | null;
  /** The names of the rooms. Not in calendars and SMS: a room's name can reveal a diagnosis too. */
  rooms?: string[];
  /** APPOINTMENT_MOVED: the old values of what has changed. */
  previousStart?: number;
  previousDoctorName?: string;
  previousRooms?: string[];
  /** What the patient can do about this appointment without signing in. */
  links?: VisitLinks;
}

export interface VisitLinks {
  confirm?: string;
  cancel?: string;
  /** Moves it, or books it again after a cancellation. */
  chooseTime?: string | null;
}

/** The values of a message. If it is about several appointments, those of an appointment are those of the first one. */
export interface TemplateFacts extends VisitFacts {
  recipientName: string;
  /** In a message to a guardian: whose appointment it is. */
  patientName?: string;
  /** The guest in the calendar invitation. Without it, Outlook and Gmail treat the invitation as somebody else's. */
  recipientEmail?: string | null;
  clinicName: string;
  clinicPhone: string | null;
  clinicAddress: string | null;
  /** Not used in any message, because a service's name can reveal a diagnosis. The spec renders every kind with it. */
  serviceName: string;
  /** APPOINTMENT_CANCELLED: the reason given. Not in calendars. */
  cancelReason?: string;
  /** The recipient's time zone. */
  timeZone: string;
  clinicTimeZone: string;
  /** WAITLIST_OFFER: until when the time is kept, and the start of the visit that it would replace. */
  expiresAt?: number;
  replacedStart?: number;
  /** If the message is about several appointments: all of them, ascending by start. */
  visits?: VisitFacts[];
  links?: VisitLinks & {
    accept?: string;
    decline?: string;
    unsubscribe?: string;
  };
  /** REFERRAL_REMINDER: the last day of the referral; DAILY_REPORT: its day. YYYY-MM-DD. */
  until?: string | null;
  /** PAYMENT_REFUNDED: the amount, and whether the payment came too late to book the time. */
  refund?: { amountMinor: number; currency: string; isTooLate: boolean } | null;
  /** MESSAGE_FROM_CLINIC: text written by staff; DAILY_REPORT: the figures. Inserted literally. */
  note?: string;
}
