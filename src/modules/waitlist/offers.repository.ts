import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Clock, toIso } from '../../core/kernel/clock.js';
import type { FreedTime } from './freed-time.entity.js';
import type { Candidate } from './matching.js';
import { WaitlistOffer } from './waitlist-offer.entity.js';
import type { OfferState } from './waitlist-status.js';

/** A clinic can have thousands who wait, of whom a time suits few. */
export const MAX_CANDIDATES = 500;

/** The policy of a clinic. */
export interface OfferPolicy {
  minutes: number;
  toAll: boolean;
}

type CandidateRow = Omit<Candidate, 'laterVisitStart' | 'visits' | 'refused'> & {
  laterVisitStart: Date | null;
  visits: Date[];
  refused: Date[];
};

/** Reads and writes offers, and finds who could get one. Hand-written SQL: joins of other features' tables, and locks that skip rows. */
@Injectable()
export class OffersRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  async insert(offers: Omit<WaitlistOffer, 'state' | 'createdAt'>[]): Promise<void> {
    await this.db.repository(WaitlistOffer).insert(offers);
  }

  find(id: string): Promise<WaitlistOffer | null> {
    return this.db.repository(WaitlistOffer).findOneBy({ id });
  }

  /** The open offers at clinics, by hold. */
  findOpenAt(clinicIds: string[]): Promise<{ holdId: string; entryIds: string[] }[]> {
    return this.db.rows(
      `SELECT hold_id AS "holdId", array_agg(entry_id ORDER BY entry_id) AS "entryIds" FROM waitlist_offer
       WHERE state = 'OPEN' AND clinic_id = ANY ($1::uuid[]) GROUP BY hold_id ORDER BY min(entry_id::text)`,
      [clinicIds],
    );
  }

  /** The newest offer of an entry. */
  findNewest(entryId: string): Promise<WaitlistOffer | null> {
    return this.db.repository(WaitlistOffer).findOne({ where: { entryId }, order: { createdAt: 'DESC', id: 'DESC' } });
  }

  /** The open offer of an entry, also one that has expired. */
  findOpen(entryId: string): Promise<WaitlistOffer | null> {
    return this.db.repository(WaitlistOffer).findOneBy({ entryId, state: 'OPEN' });
  }

  findOpenByHold(holdId: string): Promise<WaitlistOffer[]> {
    return this.db.repository(WaitlistOffer).find({ where: { holdId, state: 'OPEN' }, order: { id: 'ASC' } });
  }

  async setState(ids: string[], state: OfferState): Promise<void> {
    if (ids.length === 0) return;
    await this.db.rows(`UPDATE waitlist_offer SET state = $2 WHERE id = ANY ($1::uuid[]) AND state = 'OPEN'`, [
      ids,
      state,
    ]);
  }

  async getPolicy(clinicId: string): Promise<OfferPolicy> {
    const row = await this.db.row<OfferPolicy>(
      `SELECT waitlist_offer_minutes AS minutes, waitlist_offers_to_all AS "toAll" FROM clinic WHERE id = $1`,
      [clinicId],
    );
    return row ?? { minutes: 0, toAll: false };
  }

  /**
   * Who waits for a time of the doctor around the freed time, and has no offer: by urgency, then arrival.
   * @param after the last one of the page before; null for the first page
   * @returns at most MAX_CANDIDATES; after fewer, there are no more
   */
  async findCandidates(
    { clinicId, doctorId, startAt, endAt, freedAt }: FreedTime,
    after: Candidate | null,
  ): Promise<Candidate[]> {
    const rows = await this.db.rows<CandidateRow>(CANDIDATES, [
      clinicId,
      doctorId,
      startAt.toISOString(),
      endAt.toISOString(),
      freedAt.toISOString(),
      this.now(),
      after?.urgency ?? null,
      after?.entryId ?? null,
    ]);
    const toMillis = (instants: Date[]): number[] => instants.map((instant) => instant.getTime());
    return rows.map(({ laterVisitStart, visits, refused, ...row }) => ({
      ...row,
      laterVisitStart: laterVisitStart && laterVisitStart.getTime(),
      visits: toMillis(visits),
      refused: toMillis(refused),
    }));
  }

  /**
   * Locks those of the entries until the transaction ends that still wait and have no offer. Does not wait for entries that somebody
   * changes now, because that could deadlock.
   * @returns null if there is such an entry
   */
  async lockWithoutOffer(entryIds: string[]): Promise<string[] | null> {
    const locked = await this.db.rows<{ id: string }>(
      `SELECT id FROM waitlist_entry WHERE id = ANY ($1::uuid[]) AND status = 'WAITING' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`,
      [entryIds],
    );
    // More statements: they see what was committed before the locks were taken.
    const waiting = await this.db.row<{ n: number }>(
      `SELECT count(*)::int AS n FROM waitlist_entry WHERE id = ANY ($1::uuid[]) AND status = 'WAITING'`,
      [entryIds],
    );
    if (waiting && waiting.n > locked.length) return null;
    const free = await this.db.rows<{ id: string }>(
      `SELECT e.id FROM unnest($1::uuid[]) AS e (id)
       WHERE NOT EXISTS (SELECT FROM waitlist_offer o WHERE o.entry_id = e.id AND o.state = 'OPEN')`,
      [locked.map(({ id }) => id)],
    );
    return free.map(({ id }) => id);
  }

  /** The ids of the entries of a clinic whose open offer has expired. */
  async findEntriesWithExpiredOffer(clinicId: string): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT entry_id AS id FROM waitlist_offer
       WHERE state = 'OPEN' AND expires_at <= $2::timestamptz AND clinic_id = $1::uuid ORDER BY expires_at, id LIMIT 500`,
      [clinicId, this.now()],
    );
    return rows.map(({ id }) => id);
  }

  /** The ids of the waiting entries of a clinic whose last day is over. */
  async findEndedEntries(clinicId: string): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM waitlist_entry WHERE status = 'WAITING' AND ends_at <= $2::timestamptz AND clinic_id = $1::uuid ORDER BY id LIMIT 500`,
      [clinicId, this.now()],
    );
    return rows.map(({ id }) => id);
  }

  /** The clinics with freed times to look at, or with offers or entries that are over. */
  async findDueClinics(): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(DUE_CLINICS, [this.now()]);
    return rows.map(({ id }) => id);
  }

  private now(): string {
    return toIso(this.clock.now());
  }
}

/**
 * Only who waited when the time was freed (a Date has milliseconds): others could book it. Of a referral, with which they wait or with
 * which the visit was booked, the days and the doctor count; one that was used, or a hold keeps, cannot be used.
 */
const CANDIDATES = `
  SELECT e.id AS "entryId", e.urgency, e.client_id AS "clientId", e.service_id AS "serviceId",
         greatest(e.from_day, r.valid_from)::text AS "fromDay", least(e.to_day, r.valid_to)::text AS "toDay", e.weekdays, e.start_minute AS "startMinute", e.end_minute AS "endMinute",
         a.start_at AS "laterVisitStart",
         ARRAY(SELECT v.start_at FROM appointment v
               WHERE v.client_id = e.client_id AND v.clinic_id = e.clinic_id AND v.id IS DISTINCT FROM e.appointment_id
                 AND v.status NOT IN ('CANCELLED', 'NO_SHOW')
                 AND v.start_at > $3::timestamptz - interval '2 days' AND v.start_at < $4::timestamptz + interval '2 days') AS visits,
         ARRAY(SELECT o.start_at FROM waitlist_offer o
               WHERE o.entry_id = e.id AND o.doctor_id = $2::uuid AND o.state IN ('DECLINED', 'EXPIRED')) AS refused
  FROM waitlist_entry e JOIN service s ON s.id = e.service_id
  LEFT JOIN appointment a ON a.id = e.appointment_id
  LEFT JOIN referral r ON r.id = e.referral_id OR r.appointment_id = e.appointment_id
  WHERE e.clinic_id = $1::uuid AND e.status = 'WAITING' AND e.ends_at > $6::timestamptz AND date_trunc('milliseconds', e.created_at) <= $5::timestamptz
    AND (e.doctor_id IS NULL OR e.doctor_id = $2::uuid)
    AND EXISTS (SELECT FROM service_doctor sd WHERE sd.service_id = e.service_id AND sd.doctor_id = $2::uuid)
    AND (e.appointment_id IS NULL OR a.status IN ('PENDING', 'CONFIRMED'))
    AND (r.doctor_id IS NULL OR r.doctor_id = $2::uuid)
    AND CASE WHEN e.appointment_id IS NOT NULL THEN true WHEN r.id IS NULL THEN NOT s.requires_referral
      ELSE r.appointment_id IS NULL AND NOT EXISTS (
        SELECT FROM hold h WHERE h.referral_id = r.id AND h.expires_at > $6::timestamptz) END
    AND NOT EXISTS (SELECT FROM waitlist_offer o WHERE o.entry_id = e.id AND o.state = 'OPEN')
    AND e.from_day <= ($4::timestamptz AT TIME ZONE 'UTC')::date + 1 AND e.to_day >= ($3::timestamptz AT TIME ZONE 'UTC')::date - 1
    AND ($7::int IS NULL OR (e.urgency, e.id) > ($7::int, $8::uuid))
  ORDER BY e.urgency, e.id LIMIT ${MAX_CANDIDATES}`;

const DUE_CLINICS = `
  SELECT clinic_id AS id FROM waitlist_time WHERE is_pending AND end_at > $1::timestamptz
  UNION SELECT clinic_id FROM waitlist_offer WHERE state = 'OPEN' AND expires_at <= $1::timestamptz
  UNION SELECT clinic_id FROM waitlist_entry WHERE status = 'WAITING' AND ends_at <= $1::timestamptz LIMIT 200`;
