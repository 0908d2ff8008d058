import type { HeldTime, KnownHold, World } from './world.js';

export interface KnownVisit {
  id: string;
  clientId: string;
  doctorId: string;
  serviceId: string;
  resourceIds: string[];
  seriesId: string | null;
  groupId: string | null;
  /** The cancelled visit that was booked again by a link. */
  rebookedFrom: string | null;
  start: number;
  end: number;
  status: string;
  version: number;
  checkedInAt: number | null;
  completedAt: number | null;
}

/** A patient in the queue. */
export interface KnownEntry {
  id: string;
  number: number;
  status: string;
  position: number | null;
  doctorId: string;
  appointmentId: string | null;
}

/** A patient who waits for a time. */
export interface KnownWaiting {
  id: string;
  clientId: string;
  serviceId: string;
  doctorId: string | null;
  fromDay: string;
  toDay: string;
  startMinute: number | null;
  endMinute: number | null;
  /** 1 is the most urgent. */
  urgency: number;
  createdAt: number;
  /** How many offers the entry has had. */
  offersMade: number;
  /** The visit for which an earlier time is asked. */
  appointmentId: string | null;
  /** The open offer. */
  offer: KnownOffer | null;
  /** The times that the patient declined or did not answer. */
  refused: { doctorId: string; start: number }[];
}

export interface KnownOffer {
  id: string;
  holdId: string;
  doctorId: string;
  start: number;
  end: number;
  expiresAt: number;
}

export interface KnownReferral {
  id: string;
  clientId: string;
  serviceId: string;
  doctorId: string | null;
  appointmentId: string | null;
}

/** What is true before a burst. Actions choose from it, so that the choices depend on the seed and not on the time of an answer. */
export interface Snapshot {
  /** In the order of their creation. */
  visits: KnownVisit[];
  /** The holds in force, as far as the answers said. */
  holds: KnownHold[];
  /** The holds of the open offers. */
  offeredHolds: HeldTime[];
  queue: KnownEntry[];
  waiting: KnownWaiting[];
  referrals: KnownReferral[];
}

const toMillis = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

const VISITS = `
  SELECT a.id, a.client_id AS "clientId", a.doctor_id AS "doctorId", a.service_id AS "serviceId",
         a.resource_ids AS "resourceIds", a.series_id AS "seriesId", a.group_id AS "groupId", r.cancelled_id AS "rebookedFrom", a.status, a.version,
         ${toMillis('a.start_at')} AS start, ${toMillis('a.end_at')} AS "end",
         ${toMillis('a.checked_in_at')} AS "checkedInAt", ${toMillis('a.completed_at')} AS "completedAt"
  FROM appointment a LEFT JOIN rebooking r ON r.appointment_id = a.id WHERE a.clinic_id = $1 ORDER BY a.id`;

/** Those whose time has not run out: others end when a worker runs. */
const WAITING = `
  SELECT e.id, e.client_id AS "clientId", e.service_id AS "serviceId", e.doctor_id AS "doctorId", e.from_day::text AS "fromDay",
         e.to_day::text AS "toDay", e.start_minute AS "startMinute", e.end_minute AS "endMinute", e.appointment_id AS "appointmentId", e.urgency,
         ${toMillis('e.created_at')} AS "createdAt", (SELECT count(*)::int FROM waitlist_offer o WHERE o.entry_id = e.id) AS "offersMade",
         (SELECT json_build_object('id', o.id, 'holdId', o.hold_id, 'doctorId', o.doctor_id, 'start', ${toMillis('o.start_at')},
                                   'end', ${toMillis('o.end_at')}, 'expiresAt', ${toMillis('o.expires_at')})
          FROM waitlist_offer o WHERE o.entry_id = e.id AND o.state = 'OPEN') AS offer,
         (SELECT coalesce(json_agg(json_build_object('doctorId', o.doctor_id, 'start', ${toMillis('o.start_at')})), '[]')
          FROM waitlist_offer o WHERE o.entry_id = e.id AND o.state IN ('DECLINED', 'EXPIRED')) AS refused
  FROM waitlist_entry e WHERE e.clinic_id = $1 AND e.status = 'WAITING' ORDER BY e.id`;

const OFFERED_HOLDS = `
  SELECT h.id, h.service_id AS "serviceId", h.doctor_id AS "doctorId", h.resource_ids AS "resourceIds",
         ${toMillis('h.start_at')} AS start, ${toMillis('h.expires_at')} AS "expiresAt"
  FROM hold h WHERE h.clinic_id = $1 AND h.expires_at > to_timestamp($2 / 1000.0)
    AND h.id IN (SELECT o.hold_id FROM waitlist_offer o WHERE o.clinic_id = $1 AND o.state = 'OPEN')
  ORDER BY h.id`;

const REFERRALS = `
  SELECT r.id, r.client_id AS "clientId", r.service_id AS "serviceId", r.doctor_id AS "doctorId", r.appointment_id AS "appointmentId"
  FROM referral r WHERE r.clinic_id = $1 ORDER BY r.id`;

export async function takeSnapshot(world: World): Promise<Snapshot> {
  const { app, clinic, now } = world;
  const read = async <Row extends object>(statement: string, ...values: unknown[]): Promise<Row[]> =>
    (await app.db.query<Row>(statement, [clinic.id, ...values])).rows;
  const [visits, waiting, offeredHolds, referrals, queue] = await Promise.all([
    read<KnownVisit>(VISITS),
    read<KnownWaiting>(WAITING),
    read<HeldTime>(OFFERED_HOLDS, now),
    read<KnownReferral>(REFERRALS),
    world.read(`queue?clinicId=${clinic.id}`),
  ]);
  const holds = world.holds.filter(({ expiresAt }) => expiresAt > now);
  return { visits, holds, offeredHolds, waiting, referrals, queue: queue as KnownEntry[] };
}

/** Whether nothing ends by its time alone between a snapshot and now. */
export const isCurrent = ({ holds, offeredHolds }: Snapshot, now: number): boolean =>
  [...holds, ...offeredHolds].every(({ expiresAt }) => expiresAt > now);
