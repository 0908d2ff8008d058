import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { ReplicaReads } from '../../core/database/replica-reads.js';
import { byCreation, keyset, readPage, type Page, toPage, type PageQuery } from '../../core/http/page.js';
import { notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { AppointmentEventView } from './appointment-event.js';
import { columnsFor, STAFF_COLUMNS, type ViewRow } from './appointment-columns.js';
import { matching, visibleTo, type ListFilter } from './appointment-conditions.js';
import { entryFor, IS_CHANGE, type HistoryRow } from './appointment-history.js';
import type { AppointmentHistoryView } from './appointment-history.dto.js';
import type { AppointmentView } from './appointments.dto.js';
import { GuardianAccess } from '../clients/index.js';
import { maySee, videoUrlFor } from './appointment.policy.js';
import { Appointment } from './appointment.entity.js';
import { AppointmentNoteChange } from './appointment-note-change.entity.js';
import { AppointmentTexts, VIDEO_LINK_COLUMNS, type EncryptedVideoLinks } from './appointment-texts.js';
import { shortObjects } from './short-objects.js';
import type { Expandable, ShortObjects } from './short-objects.dto.js';

/** Selects the staff's view with the receivers of the appointment's events. `$1`: the ids. */
const EVENT_VIEWS = `
  SELECT ${STAFF_COLUMNS}, c.user_id AS "clientUserId", k.time_zone AS "timeZone"
  FROM appointment a JOIN client c ON c.id = a.client_id JOIN clinic k ON k.id = a.clinic_id
  WHERE a.id = ANY ($1::uuid[])`;

const EVENT_OBJECTS = `
  SELECT a.id ${shortObjects(['client', 'doctor', 'service'])},
         EXISTS (SELECT FROM guardian g WHERE g.client_id = a.client_id AND g.ended_at IS NULL) AS "hasGuardians",
         (SELECT json_build_object('beforeMinutes', s.buffer_before_minutes, 'afterMinutes', s.buffer_after_minutes)
          FROM service s WHERE s.id = a.service_id) AS buffers
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) AS a (id, client_id, doctor_id, service_id)`;

type EventRow = ViewRow & { clientUserId: string; timeZone: string };

const SORTS = {
  startDateTime: { column: 'a.start_at', type: 'timestamptz' },
  createdAt: byCreation('a.id'),
  updatedAt: { column: 'a.updated_at', type: 'timestamptz' },
} as const;

/** What the messages of an event need besides the appointment. */
export interface EventObjects {
  objects: ShortObjects;
  /** Whether the front desk has linked guardians, of whatever age the patient is. */
  hasGuardians: boolean;
  buffers: Buffers;
}

/** Reserved before and after each visit of the service. */
export interface Buffers {
  beforeMinutes: number;
  afterMinutes: number;
}

/** Hand-written SQL: views are JSON of several columns, and lists continue after a cursor. */
@Injectable()
export class AppointmentsRepository {
  constructor(
    private readonly db: Database,
    private readonly texts: AppointmentTexts,
    private readonly guardians: GuardianAccess,
    private readonly reads: ReplicaReads,
  ) {}

  /** With the link of a video visit, if the actor may know it. */
  async find(actor: Actor, id: string, expand: readonly Expandable[] = []): Promise<AppointmentView | null> {
    const row = await this.db.row<ViewRow & EncryptedVideoLinks & { mode: string }>(
      `SELECT ${columnsFor(actor) + shortObjects(expand)}, s.mode, ${VIDEO_LINK_COLUMNS}
       FROM appointment a JOIN service s ON s.id = a.service_id JOIN doctor d ON d.id = a.doctor_id WHERE a.id = $1`,
      [id],
    );
    if (!row) return null;
    const { ownUrl, doctorUrl, mode, ...view } = row;
    if (mode !== 'VIDEO') return this.texts.readRow(view);
    const videoUrl = videoUrlFor(actor, view, this.texts.readVideoLinks({ ...view, ownUrl, doctorUrl }));
    return { ...this.texts.readRow(view), ...(videoUrl !== undefined && { videoUrl }) };
  }

  async isVideoVisit(id: string): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM appointment a JOIN service s ON s.id = a.service_id WHERE a.id = $1 AND s.mode = 'VIDEO'`,
      [id],
    );
    return row !== null;
  }

  /** The visits of an account's patient record that have not begun and are not cancelled. */
  findUpcomingByAccount(userId: string, now: Date): Promise<Pick<AppointmentView, 'id' | 'clientId'>[]> {
    return this.db.rows(
      `SELECT a.id, a.client_id AS "clientId" FROM appointment a JOIN client c ON c.id = a.client_id
       WHERE c.user_id = $1 AND a.status IN ('PENDING', 'CONFIRMED') AND a.start_at > $2 ORDER BY a.id`,
      [userId, now.toISOString()],
    );
  }

  /** The appointment as its events carry it. */
  async getEventView(id: string): Promise<AppointmentEventView> {
    const view = (await this.findEventViews([id])).get(id);
    if (!view) throw notFound();
    return view;
  }

  async findEventViews(ids: string[]): Promise<Map<string, AppointmentEventView>> {
    if (ids.length === 0) return new Map();
    const rows = await this.db.rows<EventRow>(EVENT_VIEWS, [ids]);
    return new Map(
      rows.map(({ clientUserId, timeZone, ...row }) => [
        row.id,
        { view: this.texts.readRow(row), clientUserId, timeZone },
      ]),
    );
  }

  /**
   * The short objects of appointments as events carry them, which may differ from the current ones, and the rest of EventObjects.
   * @param views by event id
   * @returns by event id
   */
  async findEventObjects(views: ReadonlyMap<string, AppointmentView>): Promise<Map<string, EventObjects>> {
    if (views.size === 0) return new Map();
    const all = [...views.values()];
    const rows = await this.db.rows<ShortObjects & Omit<EventObjects, 'objects'> & { id: string }>(EVENT_OBJECTS, [
      [...views.keys()],
      all.map(({ clientId }) => clientId),
      all.map(({ doctorId }) => doctorId),
      all.map(({ serviceId }) => serviceId),
    ]);
    return new Map(rows.map(({ id, hasGuardians, buffers, ...objects }) => [id, { objects, hasGuardians, buffers }]));
  }

  /** Locks the appointment until the transaction ends. Rows that refer to it can still be inserted, such as its reminders. */
  async lock(id: string): Promise<Appointment | null> {
    const appointment = await this.db
      .repository(Appointment)
      .findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
    return appointment && this.texts.decryptEntity(appointment);
  }

  /** As `lock`. @returns null also for an appointment that the actor may not see */
  async lockVisible(actor: Actor, id: string): Promise<Appointment | null> {
    const appointment = await this.lock(id);
    if (!appointment) return null;
    const isVisible = maySee(actor, appointment) || (await this.guardians.mayActFor(actor, appointment.clientId));
    return isVisible ? appointment : null;
  }

  /** The appointments that were booked together, past ones too, locked in the order of their ids; ascending by start. */
  async lockSeries(seriesId: string): Promise<Appointment[]> {
    const members = await this.db
      .repository(Appointment)
      .find({ where: { seriesId }, order: { id: 'ASC' }, lock: { mode: 'for_no_key_update' } });
    return members
      .map((member) => this.texts.decryptEntity(member))
      .sort((a, b) => a.startAt.getTime() - b.startAt.getTime());
  }

  /**
   * The taken seats of a group session, locked in the order of their ids. The condition of the first statement is that of the index of
   * seats, written as constants so that PostgreSQL uses it.
   */
  async lockSession(groupId: string): Promise<Appointment[]> {
    const seats = await this.db.rows<{ id: string }>(
      `SELECT id FROM appointment WHERE group_id = $1 AND status NOT IN ('CANCELLED', 'NO_SHOW', 'COMPLETED')`,
      [groupId],
    );
    const locked = await this.db.repository(Appointment).find({
      where: { id: In(seats.map(({ id }) => id)), groupId },
      order: { id: 'ASC' },
      lock: { mode: 'for_no_key_update' },
    });
    return locked.map((seat) => this.texts.decryptEntity(seat));
  }

  /** @returns null for an appointment without a series */
  async findSeriesId(id: string): Promise<string | null> {
    return (
      (await this.db.repository(Appointment).findOne({ where: { id }, select: { seriesId: true } }))?.seriesId ?? null
    );
  }

  async save(appointment: Appointment): Promise<void> {
    const { id, notes, staffNotes, insuranceNote, cancelReason, videoUrl, ...columns } = appointment;
    const texts = this.texts.encrypt(id, { notes, staffNotes, insuranceNote, cancelReason });
    const link = videoUrl !== undefined && { encryptedVideoUrl: this.texts.encryptVideoUrl(id, videoUrl) };
    await this.db.repository(Appointment).update({ id }, { ...columns, ...texts, ...link });
  }

  /** Not part of the booking statement, so that it costs single bookings nothing. */
  async setSeries(ids: string[], seriesId: string): Promise<void> {
    await this.db.repository(Appointment).update({ id: In(ids) }, { seriesId });
  }

  /**
   * The appointments that the actor may see. The SQL text depends only on which filters are set, so statements stay prepared.
   * @param maySeeAll whether the actor may see all appointments of the patient in the filter
   */
  async list(actor: Actor, filter: ListFilter, { maySeeAll }: { maySeeAll: boolean }): Promise<Page<AppointmentView>> {
    const page = await readPage<ViewRow>(this.reads, filter, {
      select: `${columnsFor(actor)} ${shortObjects(filter.expand)}`,
      from: 'appointment a',
      columns: SORTS,
      idColumn: 'a.id',
      where: (bind) => [...(maySeeAll ? [] : visibleTo(actor, bind)), ...matching(filter, bind)],
    });
    return page.map((row) => this.texts.readRow(row));
  }

  async history(
    actor: Actor,
    id: string,
    { limit, cursor, withTotal }: PageQuery,
  ): Promise<Page<AppointmentHistoryView>> {
    const page = keyset({ sort: 'at', columns: { at: byCreation('l.id') }, idColumn: 'l.id', cursor });
    const rows = await this.db.rows<HistoryRow>(
      `SELECT l.id, l.occurred_at AS at, l.action, l.actor_user_id AS "actorUserId", l.actor_role AS "actorRole", l.changes,
              concat_ws(' ', u.first_name, u.last_name) AS "actorName",
              ARRAY(SELECT json_build_object('field', n.field, 'before', n.old_text, 'after', n.new_text)
                    FROM appointment_note_change n WHERE n.audit_id = l.id ORDER BY n.field) AS "replacedNotes"
       FROM audit_log l LEFT JOIN user_account u ON u.id = l.actor_user_id WHERE ${IS_CHANGE} ${page.where(3)} ${page.orderBy} LIMIT $2`,
      [id, limit + 1, ...page.values],
    );
    const total = withTotal ? await this.count('audit_log l', IS_CHANGE, [id]) : undefined;
    return toPage(rows, limit, page, total).map((row) =>
      entryFor(actor, {
        ...row,
        replacedNotes: row.replacedNotes.map((note) => this.texts.readNoteChange(row.id, note)),
      }),
    );
  }

  /** Whether the patient of a visit was erased (docs/privacy.md). SQL: a table of another feature. */
  async isPatientErased(clientId: string): Promise<boolean> {
    const text = 'SELECT c.id FROM client c JOIN erasure e ON e.user_id = c.user_id WHERE c.id = $1';
    return (await this.db.row(text, [clientId])) !== null;
  }

  /** Stores the old and new text of changed notes, and the reasons of the change, with its audit row. */
  async insertNoteChanges(
    auditId: string,
    before: Appointment,
    after: Appointment,
    reasons: { overrideReason?: string; moveReason?: string },
  ): Promise<void> {
    const changed = (['notes', 'staffNotes', 'insuranceNote'] as const).filter(
      (field) => before[field] !== after[field],
    );
    const rows = changed.map((field) => this.texts.toNoteChange(auditId, field, before, after));
    for (const field of ['overrideReason', 'moveReason'] as const) {
      const reason = reasons[field];
      if (reason) rows.push(this.texts.toReasonChange(auditId, field, after.id, reason));
    }
    if (rows.length === 0) return;
    await this.db.repository(AppointmentNoteChange).insert(rows);
  }

  /** The status before the given one, by the history; null if unknown. */
  async findPreviousStatus(id: string, status: string): Promise<string | null> {
    const row = await this.db.row<{ status: string | null }>(
      `SELECT l.changes -> 'status' ->> 0 AS status FROM audit_log l
       WHERE ${IS_CHANGE} AND l.changes -> 'status' ->> 1 = $2 AND l.changes -> 'status' ->> 0 <> $2
       ORDER BY l.id DESC LIMIT 1`,
      [id, status],
    );
    return row?.status ?? null;
  }

  /** The cut-off of the service, or its clinic's. */
  async getCancellationCutoff(serviceId: string): Promise<number> {
    const row = await this.db.row<{ minutes: number }>(
      `SELECT coalesce((s.policy ->> 'cancellationCutoffMinutes')::int, c.cancellation_cutoff_minutes) AS minutes
       FROM service s JOIN clinic c ON c.id = s.clinic_id WHERE s.id = $1`,
      [serviceId],
    );
    return row?.minutes ?? 0;
  }

  async getTimeZone(clinicId: string): Promise<string | null> {
    const row = await this.db.row<{ zone: string }>(`SELECT time_zone AS zone FROM clinic WHERE id = $1`, [clinicId]);
    return row?.zone ?? null;
  }

  private async count(from: string, where: string, values: unknown[]): Promise<number> {
    const row = await this.db.row<{ total: number }>(
      `SELECT count(*)::int AS total FROM ${from} WHERE ${where}`,
      values,
    );
    return row?.total ?? 0;
  }
}
