import type { AppointmentStatus } from '../appointments/index.js';
import type { LegacyKind } from './legacy-record.entity.js';

/** A record of another system in CareSlot's terms. References are keys of the other system. */
interface LegacyItem {
  /** The id in the other system. */
  key: string;
  /** The integer id, if the NeuroAid app goes on using it; null if there is none to keep. */
  number: number | null;
}

export interface LegacyService extends LegacyItem {
  name: string;
  description: string | null;
  durationMinutes: number;
  /** In the units of the currency, such as 250.5; null if unknown. */
  price: number | null;
  currency: string | null;
}

/** Local times of the clinic. */
export interface WeeklyHours {
  /** ISO: Monday is 1. */
  weekday: number;
  start: string;
  end: string;
}

export interface LegacyDoctor extends LegacyItem {
  name: string;
  speciality: string;
  bio: string | null;
  photoUrl: string | null;
  email: string | null;
  /** Without services, the doctor gets a default one of this duration and price. */
  serviceKeys: string[];
  durationMinutes: number | null;
  price: number | null;
  currency: string | null;
  /** Used when the doctor is created: later they are changed here. */
  hours: WeeklyHours[];
  /** The zone of the hours, if the other system states it. */
  hoursZone: string | null;
}

export interface LegacyUser extends LegacyItem {
  name: string | null;
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  phone: string | null;
  passwordHash: string | null;
  role: string | null;
  isActive: boolean;
  timeZone: string | null;
  locale: string | null;
  /** As it is there: a day, or an instant. */
  dateOfBirth: string | null;
  sex: string | null;
  address: string | null;
  /** Notes of the clinic about the patient. */
  notes: string | null;
}

export interface LegacyFaq extends LegacyItem {
  question: string;
  answer: string;
  category: string | null;
  position: number | null;
  locale: string | null;
}

export interface LegacyFavorite extends LegacyItem {
  userKey: string;
  doctorKey: string;
}

export interface LegacyScan extends LegacyItem {
  userKey: string;
  /** Below the folder of the files. */
  path: string;
  takenAt: string | null;
}

export interface LegacyVisit extends LegacyItem {
  userKey: string;
  doctorKey: string;
  /** Null: the doctor's default service. */
  serviceKey: string | null;
  start: Date;
  end: Date | null;
  /** Null if the other system does not record what became of a visit. */
  status: AppointmentStatus | null;
  notes: string | null;
}

export interface LegacyItems {
  service: LegacyService;
  doctor: LegacyDoctor;
  user: LegacyUser;
  faq: LegacyFaq;
  favorite: LegacyFavorite;
  scan: LegacyScan;
  visit: LegacyVisit;
}

/** What is migrated from a source; the clinic itself is an option. */
export type ItemKind = keyof LegacyItems & LegacyKind;
export const ITEM_KINDS: readonly ItemKind[] = ['service', 'doctor', 'user', 'faq', 'favorite', 'scan', 'visit'];
