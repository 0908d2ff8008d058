/** An appointment that was moved or cancelled together with that of the message. */
export interface OtherAppointment {
  start: number;
  doctorName: string;
  previousStart?: number;
}

/** One of several appointments that a message is about. */
export type VisitFacts = Pick<
  TemplateFacts,
  'appointmentId' | 'start' | 'end' | 'doctorName' | 'status' | 'version' | 'videoUrl'
>;

/** The values of a message. Instants are epoch milliseconds. */
export interface TemplateFacts {
  recipientName: string;
  /** In a message to a guardian: whose appointment it is. */
  patientName?: string;
  /** The guest in the calendar invitation. Without it, Outlook and Gmail treat the invitation as somebody else's. */
  recipientEmail?: string | null;
  clinicName: string;
  clinicPhone: string | null;
  clinicAddress: string | null;
  doctorName: string;
  /** Not used in any message, because a service's name can reveal a diagnosis. The spec renders every kind with it. */
  serviceName: string;
  start: number;
  end: number;
  /** The names of the rooms. Not in calendars and SMS: a room's name can reveal a diagnosis too. */
  rooms?: string[];
  /** APPOINTMENT_MOVED: the old values of what has changed. */
  previousStart?: number;
  previousDoctorName?: string;
  previousRooms?: string[];
  /** APPOINTMENT_MOVED and APPOINTMENT_CANCELLED: by start. */
  others?: OtherAppointment[];
  /** APPOINTMENT_CANCELLED: the reason given. Not in calendars. */
  cancelReason?: string;
  /** The recipient's time zone. */
  timeZone: string;
  clinicTimeZone: string;
  mode: 'IN_PERSON' | 'VIDEO';
  /** The link to join a video visit. Not in SMS and push, which others can read on a locked phone. */
  videoUrl?: string | null;
  status: string;
  appointmentId: string;
  /** The calendar's SEQUENCE is this minus one. */
  version: number;
  /** WAITLIST_OFFER: until when the time is kept, and the start of the visit that it would replace. */
  expiresAt?: number;
  replacedStart?: number;
  /** If the message is about several appointments of a series: all of them, ascending by start. The other values are those of the first. */
  together?: VisitFacts[];
  links?: {
    confirm?: string;
    cancel?: string;
    chooseTime?: string | null;
    accept?: string;
    decline?: string;
    unsubscribe?: string;
  };
  /** REFERRAL_REMINDER: the last day of the referral, YYYY-MM-DD. */
  until?: string | null;
  /** MESSAGE_FROM_CLINIC: text written by staff, inserted literally. */
  note?: string;
}
