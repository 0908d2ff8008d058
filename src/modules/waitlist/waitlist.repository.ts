import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { byCreation, keyset, limitClause, type Page, type BindValue, toPage } from '../../core/http/page.js';
import { Clock, toIso } from '../../core/kernel/clock.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { AppointmentStatus } from '../appointments/index.js';
import { mayBookFor } from '../clients/index.js';
import { toLocalTime } from '../scheduling/index.js';
import { entryStatus } from './entry-status.sql.js';
import { WaitlistEntry } from './waitlist-entry.entity.js';
import { toUrgency, type EntryState, type WaitlistStatus } from './waitlist-status.js';
import type { WaitingPatientView, WaitlistEntryView, WaitlistOfferView, WaitlistQuery } from './waitlist.dto.js';

/** A new entry. */
export type NewEntry = Omit<WaitlistEntry, 'version' | 'createdAt' | 'updatedAt' | 'status' | 'bookedId'>;

/** The visit for which an earlier time is asked. */
export interface LaterVisit {
  clientId: string;
  serviceId: string;
  status: AppointmentStatus;
  startAt: Date;
}

/** The referral with which a patient waits. */
export interface WaitingReferral {
  clientId: string;
  serviceId: string;
  doctorId: string | null;
  validFrom: string;
  validTo: string;
  appointmentId: string | null;
}

interface EntryRow {
  id: string;
  clinicId: string;
  clientId: string;
  serviceId: string;
  doctorId: string | null;
  from: string;
  to: string;
  weekdays: number[] | null;
  startMinute: number | null;
  endMinute: number | null;
  urgency: number;
  appointmentId: string | null;
  referralId: string | null;
  status: WaitlistStatus;
  position: number | null;
  offerStart: Date | null;
  offerEnd: Date | null;
  offerDoctorId: string | null;
  offerExpiresAt: Date | null;
  offerHoldId: string | null;
  client: WaitingPatientView;
  version: number;
  createdAt: Date;
}

const SORTS = { createdAt: byCreation('e.id') } as const;

/** Reads and writes entries. Hand-written SQL: the status and the place follow from other rows, and lists continue after a cursor. */
@Injectable()
export class WaitlistRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  async insert(entry: NewEntry): Promise<void> {
    await this.db.repository(WaitlistEntry).insert(entry);
  }

  /** The entry for everybody, with the patient's name: see `viewFor`. */
  async find(id: string): Promise<WaitlistEntryView | null> {
    const row = await this.db.row<EntryRow>(`${SELECT_ENTRIES} WHERE e.id = $2::uuid`, [this.now(), id]);
    return row && toView(row);
  }

  findEntry(id: string): Promise<WaitlistEntry | null> {
    return this.db.repository(WaitlistEntry).findOneBy({ id });
  }

  /** Locks the entry until the transaction ends: every offer, answer and end is decided under it. */
  lock(id: string): Promise<WaitlistEntry | null> {
    return this.db.repository(WaitlistEntry).findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
  }

  /** Ends a locked entry. */
  async end(id: string, fields: { status: EntryState; bookedId?: string }): Promise<void> {
    await this.db.repository(WaitlistEntry).update({ id }, { ...fields, ...this.nextVersion() });
  }

  /** Increases the version of a locked entry whose offer changes. */
  async touch(id: string): Promise<void> {
    await this.db.repository(WaitlistEntry).update({ id }, this.nextVersion());
  }

  /** @param maySeeAll whether the caller may see all entries of the patient in the query */
  async list(
    actor: Actor,
    query: WaitlistQuery,
    { maySeeAll }: { maySeeAll: boolean },
  ): Promise<Page<WaitlistEntryView>> {
    const page = keyset({ sort: 'createdAt', columns: SORTS, idColumn: 'e.id', cursor: query.cursor });
    const values: unknown[] = [this.now()];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const where = [...(maySeeAll ? [] : visibleTo(actor, bind)), ...matching(query, bind)].join(' AND ') || 'true';
    const counted = [...values];
    const after = page.where(values.length + 1);
    values.push(...page.values);
    const rows = await this.db.rows<EntryRow>(
      `${SELECT_ENTRIES} WHERE ${where} ${after} ${page.orderBy} ${limitClause(query.limit, bind)}`,
      values,
    );
    const total = query.withTotal ? await this.count(where, counted) : undefined;
    return toPage(rows, query.limit, page, total).map(toView);
  }

  /** Whether the caller may book, and therefore wait, for the patient. */
  async mayJoinFor({ userId, role, clinicIds }: Actor, clientId: string): Promise<boolean> {
    const row = await this.db.row<{ may: boolean }>(MAY_JOIN_FOR, [clientId, role, clinicIds, userId]);
    return row?.may ?? false;
  }

  /** Locks the patient's record against another entry at the same time; bookings do not wait. @returns their waiting entries for the service */
  async lockWaiting(clientId: string, serviceId: string): Promise<WaitlistEntry[]> {
    await this.db.rows('SELECT id FROM client WHERE id = $1 FOR NO KEY UPDATE', [clientId]);
    const entries = await this.db.repository(WaitlistEntry).findBy({ clientId, serviceId, status: 'WAITING' });
    return entries.filter(({ endsAt }) => endsAt.getTime() > this.clock.now());
  }

  /** The table belongs to another feature. */
  findVisit(appointmentId: string): Promise<LaterVisit | null> {
    return this.db.row<LaterVisit>(
      `SELECT client_id AS "clientId", service_id AS "serviceId", status, start_at AS "startAt" FROM appointment WHERE id = $1`,
      [appointmentId],
    );
  }

  /** The table belongs to another feature. */
  findReferral(id: string): Promise<WaitingReferral | null> {
    return this.db.row<WaitingReferral>(
      `SELECT client_id AS "clientId", service_id AS "serviceId", doctor_id AS "doctorId", valid_from::text AS "validFrom",
              valid_to::text AS "validTo", appointment_id AS "appointmentId"
       FROM referral WHERE id = $1 FOR SHARE`,
      [id],
    );
  }

  private async count(where: string, values: unknown[]): Promise<number> {
    const row = await this.db.row<{ n: number }>(
      `SELECT count(*)::int AS n FROM waitlist_entry e ${WITH_OFFER} WHERE $1::timestamptz IS NOT NULL AND ${where}`,
      values,
    );
    return row?.n ?? 0;
  }

  private nextVersion(): { version: () => string; updatedAt: Date } {
    return { version: () => 'version + 1', updatedAt: new Date(this.clock.now()) };
  }

  private now(): string {
    return toIso(this.clock.now());
  }
}

/** The offer that the patient can accept now. `$1` is the current time. */
const WITH_OFFER = `LEFT JOIN waitlist_offer o ON o.entry_id = e.id AND o.state = 'OPEN' AND o.expires_at > $1::timestamptz`;

const IS_WAITING = (entry: string): string => `${entry}.status = 'WAITING' AND ${entry}.ends_at > $1::timestamptz`;

const STATUS = entryStatus('$1');

/** Among those who wait for the same service, and for the same doctor or any, on some of the same days. */
const POSITION = `CASE WHEN ${IS_WAITING('e')} THEN 1 + (
    SELECT count(*)::int FROM waitlist_entry w
    WHERE w.clinic_id = e.clinic_id AND ${IS_WAITING('w')} AND w.service_id = e.service_id
      AND (w.doctor_id IS NULL OR e.doctor_id IS NULL OR w.doctor_id = e.doctor_id)
      AND w.from_day <= e.to_day AND w.to_day >= e.from_day AND (w.urgency, w.id) < (e.urgency, e.id)) END`;

const SELECT_ENTRIES = `
  SELECT e.id, e.clinic_id AS "clinicId", e.client_id AS "clientId", e.service_id AS "serviceId", e.doctor_id AS "doctorId",
         e.from_day::text AS "from", e.to_day::text AS "to", e.weekdays, e.start_minute AS "startMinute", e.end_minute AS "endMinute",
         e.urgency, coalesce(e.booked_id, e.appointment_id) AS "appointmentId", e.referral_id AS "referralId", ${STATUS} AS status, ${POSITION} AS position,
         o.start_at AS "offerStart", o.end_at AS "offerEnd", o.doctor_id AS "offerDoctorId", o.expires_at AS "offerExpiresAt",
         CASE WHEN NOT o.to_all AND e.appointment_id IS NULL THEN o.hold_id END AS "offerHoldId",
         (SELECT json_build_object('id', c.id, 'firstName', u.first_name, 'lastName', u.last_name)
          FROM client c JOIN user_account u ON u.id = c.user_id WHERE c.id = e.client_id) AS client,
         e.version, e.created_at AS "createdAt"
  FROM waitlist_entry e ${WITH_OFFER}`;

function visibleTo({ role, clientId, clinicIds }: Actor, bind: BindValue): string[] {
  if (role === 'ADMIN') return [];
  return role === 'CLIENT'
    ? [`e.client_id = ${bind(clientId)}::uuid`]
    : [`e.clinic_id = ANY (${bind(clinicIds)}::uuid[])`];
}

function matching(query: WaitlistQuery, bind: BindValue): string[] {
  const conditions: string[] = [];
  if (query.status) conditions.push(`${STATUS} = ANY (${bind(query.status)}::text[])`);
  if (query.clinicId) conditions.push(`e.clinic_id = ${bind(query.clinicId)}::uuid`);
  if (query.serviceId) conditions.push(`e.service_id = ${bind(query.serviceId)}::uuid`);
  if (query.doctorId) conditions.push(`(e.doctor_id IS NULL OR e.doctor_id = ${bind(query.doctorId)}::uuid)`);
  if (query.clientId) conditions.push(`e.client_id = ${bind(query.clientId)}::uuid`);
  return conditions;
}

function toView({ startMinute, endMinute, urgency, ...row }: EntryRow): WaitlistEntryView {
  const { offerStart, offerEnd, offerDoctorId, offerExpiresAt, offerHoldId, status, ...entry } = row;
  return {
    ...entry,
    status,
    startTime: startMinute === null ? null : toLocalTime(startMinute),
    endTime: endMinute === null ? null : toLocalTime(endMinute),
    urgency: toUrgency(urgency),
    offer: status === 'OFFERED' ? toOffer({ offerStart, offerEnd, offerDoctorId, offerExpiresAt, offerHoldId }) : null,
  };
}

const toOffer = (
  offer: Pick<EntryRow, 'offerStart' | 'offerEnd' | 'offerDoctorId' | 'offerExpiresAt' | 'offerHoldId'>,
): WaitlistOfferView => ({
  startDateTime: offer.offerStart as Date,
  endDateTime: offer.offerEnd as Date,
  doctorId: offer.offerDoctorId as string,
  expiresAt: offer.offerExpiresAt as Date,
  holdId: offer.offerHoldId,
});

const MAY_JOIN_FOR = `
  SELECT ${mayBookFor('b')} AS may
  FROM (SELECT $1::uuid AS client_id, $2::text AS booker_role, $3::uuid[] AS booker_clinic_ids, $4::uuid AS booker_id) b`;
