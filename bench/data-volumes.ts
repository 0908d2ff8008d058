import { CLIENTS, SEEDED_DAYS } from './dataset.js';

/** The amount of data in a database. Appointments fill the coming days evenly; the remaining ones are in the past. */
export interface DataVolume {
  appointments: number;
  /** A multiple of 500, at least 500. */
  clients: number;
  /** Appointments of one doctor on one working day, at most 12. */
  comingPerDay: number;
  comingDays: number;
  pastPerDay: number;
  /** If true, the template is filled once and kept, and its copies are updated on later days and after new migrations. */
  isKept?: boolean;
}

/** For parts that need few appointments, with the standard number of clients. */
export const FEW_APPOINTMENTS: DataVolume = {
  appointments: 10_000,
  clients: CLIENTS,
  comingPerDay: 2,
  comingDays: 11,
  pastPerDay: 12,
};

export const STANDARD: DataVolume = {
  appointments: 100_000,
  clients: CLIENTS,
  comingPerDay: 4,
  comingDays: SEEDED_DAYS,
  pastPerDay: 12,
};

const REMINDERS = { clients: CLIENTS, comingPerDay: 12, comingDays: 40, pastPerDay: 12 };

/** All appointments are in the coming 40 days. @param appointments at most 150,000 */
export const reminderVolume = (appointments: number): DataVolume => ({ ...REMINDERS, appointments });

/**
 * At every size the coming days are equally full, and a patient has 20 appointments. Only the past grows.
 * @param appointments a multiple of 10,000
 */
export const growingVolume = (appointments: number): DataVolume => ({
  appointments,
  clients: appointments / 20,
  comingPerDay: 2,
  comingDays: 11,
  pastPerDay: 6,
});

export const SIZES = {
  small: growingVolume(10_000),
  large: growingVolume(1_000_000),
  /** Eleven years of a clinic group with 500 doctors. */
  largest: { ...growingVolume(10_000_000), isKept: true },
} satisfies Record<string, DataVolume>;
