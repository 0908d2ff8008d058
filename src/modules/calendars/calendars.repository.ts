import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { byCreation, readPage, type Page, type BindValue } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import { CalendarFeed } from './calendar-feed.entity.js';
import type { FeedOwnership } from './calendar-feed.policy.js';
import type { CalendarFeedsQuery, CalendarFeedView } from './calendars.dto.js';

/** A feed whose link works now. */
export interface LiveFeed {
  id: string;
  makerId: string;
  makerRole: Actor['role'];
  /** The doctor of the feed; null for a feed of a patient. */
  doctorId: string | null;
  clinicId: string | null;
  /** The patient of the feed; null for a feed of a doctor. */
  clientId: string | null;
  detail: CalendarFeed['detail'];
  locale: string;
}

/** An appointment of a feed. */
export interface FeedVisit {
  id: string;
  clientId: string;
  updatedAt: Date;
  firstName: string;
  lastName: string;
}

const SORTS = { createdAt: byCreation('f.id') } as const;

/**
 * Whether the feed `f` works: its maker `u` still is the patient `c` or the doctor `d`, works at the doctor's clinic, or is an ADMIN. It
 * is computed whenever a feed is read, so a feature that changes a person's role or clinics does not have to change their feeds.
 */
const IS_LIVE = `u.deleted_at IS NULL AND CASE
    WHEN f.doctor_id IS NULL THEN u.role = 'CLIENT' AND c.id IS NOT NULL
    WHEN d.deleted_at IS NOT NULL OR NOT d.is_active OR k.deleted_at IS NOT NULL THEN false
    WHEN u.role = 'DOCTOR' THEN d.user_id = u.id
    WHEN u.role IN ('STAFF', 'MANAGER') THEN
      EXISTS (SELECT FROM user_clinic w WHERE w.user_id = u.id AND w.clinic_id = d.clinic_id)
    ELSE u.role = 'ADMIN' END`;

/** Hand-written SQL: accounts, patients and appointments belong to other features. */
@Injectable()
export class CalendarsRepository {
  constructor(private readonly db: Database) {}

  async insert(feed: Omit<CalendarFeed, 'createdAt'> & { createdAt: Date }): Promise<void> {
    await this.db.repository(CalendarFeed).insert(feed);
  }

  /** Locks a feed until the transaction ends. */
  lock(id: string): Promise<FeedOwnership | null> {
    return this.db.row<FeedOwnership>(
      `SELECT f.maker_id AS "makerId", f.doctor_id AS "doctorId", d.clinic_id AS "clinicId"
       FROM calendar_feed f LEFT JOIN doctor d ON d.id = f.doctor_id WHERE f.id = $1 FOR UPDATE OF f`,
      [id],
    );
  }

  async delete(id: string): Promise<void> {
    await this.db.repository(CalendarFeed).delete({ id });
  }

  /** The clinic of a doctor who has not left. */
  async findClinicOfDoctor(doctorId: string): Promise<string | null> {
    const row = await this.db.row<{ clinicId: string }>(
      `SELECT d.clinic_id AS "clinicId" FROM doctor d WHERE d.id = $1 AND d.deleted_at IS NULL AND d.is_active`,
      [doctorId],
    );
    return row?.clinicId ?? null;
  }

  /** The feeds that the actor may see and that work. */
  list(actor: Actor, query: CalendarFeedsQuery): Promise<Page<CalendarFeedView>> {
    const { doctorId } = query;
    return readPage<CalendarFeedView>(this.db, query, {
      select: `f.id, NULL AS url, f.doctor_id AS "doctorId", f.detail, f.maker_id AS "makerId", f.created_at AS "createdAt"`,
      ...{ from: FEEDS, columns: SORTS, idColumn: 'f.id' },
      where: (bind) => [
        IS_LIVE,
        visibleTo(actor, bind),
        ...(doctorId ? [`f.doctor_id = ${bind(doctorId)}::uuid`] : []),
      ],
    });
  }

  findLive(secretHash: Buffer): Promise<LiveFeed | null> {
    return this.db.row<LiveFeed>(
      `SELECT f.id, f.maker_id AS "makerId", u.role AS "makerRole", f.doctor_id AS "doctorId", d.clinic_id AS "clinicId",
              CASE WHEN f.doctor_id IS NULL THEN c.id END AS "clientId", f.detail, u.locale
       FROM ${FEEDS} WHERE f.secret_hash = $1 AND ${IS_LIVE}`,
      [secretHash],
    );
  }

  /**
   * The visits that start at `since` or later, by time. Those that were cancelled at `since` or later are included, so that programs
   * learn of the cancellation.
   */
  findVisits({ doctorId, clientId }: LiveFeed, since: Date): Promise<FeedVisit[]> {
    const column = doctorId ? 'doctor_id' : 'client_id';
    return this.db.rows<FeedVisit>(
      `SELECT a.id, a.client_id AS "clientId", a.updated_at AS "updatedAt", u.first_name AS "firstName", u.last_name AS "lastName"
       FROM appointment a JOIN client c ON c.id = a.client_id JOIN user_account u ON u.id = c.user_id
       WHERE a.${column} = $1::uuid AND a.start_at >= $2::timestamptz
         AND (a.status <> 'CANCELLED' OR a.cancelled_at >= $2::timestamptz)
       ORDER BY a.start_at, a.id`,
      [doctorId ?? clientId, since],
    );
  }

  /** The locale of an account; English for an API key, which has none. */
  async getLocale(userId: string): Promise<string> {
    const row = await this.db.row<{ locale: string }>('SELECT locale FROM user_account WHERE id = $1', [userId]);
    return row?.locale ?? 'en';
  }

  async getPatientNames(appointmentId: string): Promise<[string, string]> {
    const row = await this.db.row<{ firstName: string; lastName: string }>(
      `SELECT u.first_name AS "firstName", u.last_name AS "lastName" FROM appointment a
       JOIN client c ON c.id = a.client_id JOIN user_account u ON u.id = c.user_id WHERE a.id = $1`,
      [appointmentId],
    );
    if (!row) throw new Error(`the patient of appointment ${appointmentId} is not found`);
    return [row.firstName, row.lastName];
  }
}

const FEEDS = `calendar_feed f JOIN user_account u ON u.id = f.maker_id
  LEFT JOIN client c ON c.user_id = u.id AND c.merged_into_id IS NULL
  LEFT JOIN doctor d ON d.id = f.doctor_id
  LEFT JOIN clinic k ON k.id = d.clinic_id`;

/** The rule of calendar-feed.policy.ts, in SQL. */
function visibleTo(actor: Actor, bind: BindValue): string {
  const isMaker = `f.maker_id = ${bind(actor.userId)}::uuid`;
  switch (actor.role) {
    case 'CLIENT':
      return isMaker;
    case 'DOCTOR':
      return `(${isMaker} OR f.doctor_id = ${bind(actor.doctorId)}::uuid)`;
    case 'ADMIN':
      return `(${isMaker} OR f.doctor_id IS NOT NULL)`;
    default:
      return `(${isMaker} OR d.clinic_id = ANY (${bind(actor.clinicIds)}::uuid[]))`;
  }
}
