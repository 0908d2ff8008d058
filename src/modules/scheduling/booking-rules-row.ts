import type { ServicePolicy } from './service-policy.js';
import type { FirstVisitScope, PriceRule } from './service-price.js';
import type { BookingTerms, Schedule } from './slot-query.js';

/** A doctor, room or piece of equipment that the service may reserve. */
export interface BookableResource {
  id: string;
  /** The doctor that the resource belongs to; null for rooms, equipment and other staff. */
  doctorId: string | null;
  kind: string;
  schedule: Schedule;
}

export type BookableDoctor = BookableResource & { doctorId: string };

/** A service with its clinic's policy, its doctors and its resources: the data that decides about a booking. */
export interface BookingRulesRow extends BookingTerms {
  /** The clinic's schedule revision; every change of this data increments it. */
  revision: number;
  serviceId: string;
  clinicId: string;
  timeZone: string;
  capacity: number;
  requiredResourceKinds: string[];
  priceMinor: number;
  currency: string;
  /** The prices that apply instead, by doctor and kind of visit. */
  prices: PriceRule[];
  firstVisitPer: FirstVisitScope;
  taxBasisPoints: number;
  requiresDeposit: boolean;
  depositPercent: number;
  refundPercentBeforeCutoff: number;
  refundPercentAfterCutoff: number;
  cancellationCutoffMinutes: number;
  requiresConfirmation: boolean;
  /** Patients book only with a referral. */
  requiresReferral: boolean;
  /** The maximum number of upcoming appointments that one patient may book at the clinic; null for no limit. */
  maxUpcomingPerClient: number | null;
  /** The maximum number of visits that one patient may book on one local day at the clinic; null for no limit. */
  maxPerDayPerClient: number | null;
  /** The number of no-shows within a year from which on a patient cannot book; null for no limit. */
  noShowLimit: number | null;
  /** Null: as for patients. */
  deskMinimumNoticeMinutes: number | null;
  deskHorizonDays: number | null;
  holdMinutes: number;
  /** The policies that the service overrides. Its limits on appointments count only those of the service. */
  overrides: ServicePolicy;
  resources: BookableResource[];
}

/** The price of one visit. */
export interface VisitPrice {
  /** Minor units, tax included. */
  amount: number;
  currency: string;
  taxBasisPoints: number;
}
