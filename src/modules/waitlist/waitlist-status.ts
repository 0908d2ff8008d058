/** What the database stores of an entry. The API also says OFFERED, of a waiting entry with an open offer. */
export const ENTRY_STATES = ['WAITING', 'BOOKED', 'EXPIRED', 'CANCELLED'] as const;
export type EntryState = (typeof ENTRY_STATES)[number];

export const WAITLIST_STATUSES = ['WAITING', 'OFFERED', 'BOOKED', 'EXPIRED', 'CANCELLED'] as const;
export type WaitlistStatus = (typeof WAITLIST_STATUSES)[number];

/**
 * OPEN: the time is held for the patient, until the offer expires. WITHDRAWN: somebody else was faster, or the entry ended. An OPEN offer
 * that has expired counts as EXPIRED, also before a job marks it. CLOSED: the doctor, a room or the clinic is not available at that
 * time any more.
 */
export const OFFER_STATES = ['OPEN', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'WITHDRAWN', 'CLOSED'] as const;
export type OfferState = (typeof OFFER_STATES)[number];

/** Most urgent first: the database stores the position, from 1. */
export const URGENCIES = ['URGENT', 'HIGH', 'NORMAL', 'LOW'] as const;
export type Urgency = (typeof URGENCIES)[number];

export const toUrgencyNumber = (urgency: Urgency): number => URGENCIES.indexOf(urgency) + 1;

export const toUrgency = (number: number): Urgency => URGENCIES[number - 1] ?? 'NORMAL';
