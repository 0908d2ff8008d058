import type { Language } from '../../core/kernel/locale.js';

/** The texts of calendar entries in one language. */
export interface CalendarWords {
  /** The title for the patient. */
  appointment: (doctor: string, clinic: string) => string;
  /** The title for the doctor. */
  visitOf: (patient: string, clinic: string) => string;
  videoVisit: string;
  /** Before the link to a video visit. */
  join: string;
  /** The name of a subscribed calendar. */
  feed: string;
}

export const CALENDAR_WORDS: Record<Language, CalendarWords> = {
  en: {
    appointment: (doctor, clinic) => `Appointment with ${doctor}, ${clinic}`,
    visitOf: (patient, clinic) => `Visit: ${patient}, ${clinic}`,
    videoVisit: 'Video visit',
    join: 'Join',
    feed: 'CareSlot appointments',
  },
  ar: {
    appointment: (doctor, clinic) => `موعد مع ${doctor}، ${clinic}`,
    visitOf: (patient, clinic) => `زيارة: ${patient}، ${clinic}`,
    videoVisit: 'زيارة عبر الفيديو',
    join: 'الانضمام',
    feed: 'مواعيد CareSlot',
  },
  hi: {
    appointment: (doctor, clinic) => `${doctor} के साथ अपॉइंटमेंट, ${clinic}`,
    visitOf: (patient, clinic) => `विज़िट: ${patient}, ${clinic}`,
    videoVisit: 'वीडियो परामर्श',
    join: 'जुड़ें',
    feed: 'CareSlot अपॉइंटमेंट',
  },
};
