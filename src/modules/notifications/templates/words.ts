import type { NotificationKind } from './message-kinds.js';

/** There are separate texts for a booking that the clinic must confirm, and for a change of more than the time. */
export type Phrase =
  | NotificationKind
  | 'APPOINTMENT_REQUESTED'
  | 'APPOINTMENT_CHANGED'
  | 'PAYMENT_TOO_LATE'
  | VisitsPhrase;

/** About several appointments. */
type VisitsPhrase = 'VISITS_BOOKED' | 'VISITS_REQUESTED' | 'VISITS_MOVED' | 'VISITS_CANCELLED';

/**
 * Handlebars sources. They may use: name, doctor (of several appointments: all doctors), clinic, whenShort (the first time), changed,
 * until, count (of appointments), amount (of a refund).
 */
export interface Sentences {
  subject: string;
  title: string;
  lead: string;
  /** For SMS and push. */
  short: string;
}

export interface Labels {
  greeting: string;
  /** Whose appointment it is, in a message to a guardian. */
  patient: string;
  when: string;
  atTheClinic: string;
  /** The time in the recipient's time zone (`here`) and in the clinic's (`there`). */
  both: string;
  before: string;
  doctorBefore: string;
  placeBefore: string;
  newTime: string;
  newDoctor: string;
  newPlace: string;
  /** In SMS and push about several appointments: the times after the first. */
  further: string;
  reason: string;
  doctor: string;
  place: string;
  phone: string;
  videoVisit: string;
  /** The button with the link to a video visit. */
  join: string;
  confirm: string;
  cancel: string;
  accept: string;
  decline: string;
  /** Until when an offered time is kept. */
  until: string;
  /** The visit that an offered time would replace. */
  insteadOf: string;
  /** The button to move the appointment, or to book it again after a cancellation. */
  chooseTime: string;
  awaitsConfirmation: string;
  footer: string;
  unsubscribe: string;
  yourClinic: string;
}

export interface Words {
  labels: Labels;
  sentences: Record<Phrase, Sentences>;
}
