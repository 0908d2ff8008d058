import { CLIENTS, SEEDED_DAYS } from './dataset.js';

/** How full a database is. Appointments fill the coming days evenly; what is left goes into the past. */
export interface Filling {
  appointments: number;
  /** A multiple of 500, at least 500. */
  clients: number;
  /** Appointments of one doctor on one working day, at most 12. */
  comingPerDay: number;
  comingDays: number;
  pastPerDay: number;
  /** Filled once; copies are brought up to date on later days and after new migrations. Without it: filled anew. */
  isKept?: boolean;
}

export const FEW: Filling = {
  appointments: 10_000,
  clients: CLIENTS,
  comingPerDay: 2,
  comingDays: 11,
  pastPerDay: 12,
};

export const USUAL: Filling = {
  appointments: 100_000,
  clients: CLIENTS,
  comingPerDay: 4,
  comingDays: SEEDED_DAYS,
  pastPerDay: 12,
};

const MANY_AT_ONCE = { clients: CLIENTS, comingPerDay: 12, comingDays: 40, pastPerDay: 12 };

/** All of them in the coming 40 days. @param appointments at most 150,000 */
export const toRemindOf = (appointments: number): Filling => ({ ...MANY_AT_ONCE, appointments });

/** The coming days are equally full in all, and a patient has 20 appointments in all: what grows is the past. */
const ofSize = (appointments: number): Filling => ({
  appointments,
  clients: appointments / 20,
  comingPerDay: 2,
  comingDays: 11,
  pastPerDay: 6,
});

export const SIZES = {
  small: ofSize(10_000),
  large: ofSize(1_000_000),
  /** Eleven years of a clinic group with 500 doctors. */
  largest: { ...ofSize(10_000_000), isKept: true },
} satisfies Record<string, Filling>;
