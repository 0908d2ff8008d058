import type { Language } from './locales.js';
import type { NotificationKind } from './templates.js';
import { ARABIC } from './words.ar.js';
import { ENGLISH } from './words.en.js';
import { HINDI } from './words.hi.js';

/** A booking that the clinic must confirm has its own texts, as does a change of more than the time. */
export type Phrase = NotificationKind | 'APPOINTMENT_REQUESTED' | 'APPOINTMENT_CHANGED';

/** Handlebars sources. They may use: name, doctor, clinic, whenShort, changed. */
export interface Sentences {
  subject: string;
  title: string;
  lead: string;
  /** SMS and push. */
  short: string;
}

export interface Labels {
  greeting: string;
  when: string;
  atTheClinic: string;
  /** A time on the recipient's clock and on the clinic's: here, there. */
  both: string;
  before: string;
  doctorBefore: string;
  placeBefore: string;
  newTime: string;
  newDoctor: string;
  newPlace: string;
  reason: string;
  doctor: string;
  place: string;
  phone: string;
  videoVisit: string;
  confirm: string;
  cancel: string;
  manage: string;
  awaitsConfirmation: string;
  footer: string;
  unsubscribe: string;
  yourClinic: string;
  /** The calendar's entry. */
  summary: string;
}

export interface Words {
  labels: Labels;
  sentences: Record<Phrase, Sentences>;
}

export const WORDS: Record<Language, Words> = { en: ENGLISH, ar: ARABIC, hi: HINDI };
