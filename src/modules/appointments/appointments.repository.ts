import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { keyset, limitOf, type Page, pageOf, type PageQuery } from '../../core/http/page.js';
import type { Actor } from '../../core/security/actor.js';
import type { AppointmentHistoryView, AppointmentsQuery, AppointmentView } from './appointments.dto.js';
import { Appointment } from './appointment.entity.js';

/** The columns of an appointment in the shape of its view. */
export const APPOINTMENT_COLUMNS = `
  a.id, a.clinic_id AS "clinicId", a.client_id AS "clientId", a.doctor_id AS "doctorId", a.service_id AS "serviceId",
  a.resource_ids AS "resourceIds", a.start_at AS "startDateTime", a.end_at AS "endDateTime", a.status, a.notes,
  json_build_object('amount', a.price_minor, 'currency', a.currency) AS price, a.version, a.series_id AS "seriesId",
  a.client_confirmed_at AS "clientConfirmedAt", a.checked_in_at AS "checkedInAt", a.cancelled_at AS "cancelledAt", a.cancel_reason AS "cancelReason",
  a.created_at AS "createdAt", a.updated_at AS "updatedAt"`;

export interface ListFilter extends Omit<AppointmentsQuery, 'from' | 'to' | 'timeZone'> {
  /** Epoch milliseconds, [from, to). */
  from?: number;
  to?: number;
}

const SORTS = {
  startDateTime: { column: 'a.start_at', type: 'timestamptz' },
  createdAt: { column: 'a.id', type: 'uuid' },
} as const;

const OF_APPOINTMENT = `l.object_type = 'appointment' AND l.object_id = $1`;

const FIND = `SELECT ${APPOINTMENT_COLUMNS} FROM appointment a WHERE a.id = $1`;

@Injectable()
export class AppointmentsRepository {
  constructor(private readonly db: Database) {}

  find(id: string): Promise<AppointmentView | null> {
    return this.db.row<AppointmentView>(FIND, [id]);
  }

  /** The appointment, locked until the transaction ends. */
  lock(id: string): Promise<Appointment | null> {
    return this.db.repository(Appointment).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  async save(appointment: Appointment): Promise<void> {
    const { id, ...columns } = appointment;
    await this.db.repository(Appointment).update({ id }, columns);
  }

  /** The appointments that the actor may see. The text varies only with which filters are there, so it stays prepared. */
  async list(actor: Actor, filter: ListFilter): Promise<Page<AppointmentView>> {
    const page = keyset({ sort: filter.sort, columns: SORTS, idColumn: 'a.id', cursor: filter.cursor });
    const values: unknown[] = [];
    const take = (value: unknown): string => `$${values.push(value)}`;
    const where = [...visibleTo(actor, take), ...matching(filter, take)].join(' AND ');
    const counted = [...values];
    const after = page.where(values.length + 1);
    values.push(...page.values);
    const rows = await this.db.rows<AppointmentView>(
      `SELECT ${APPOINTMENT_COLUMNS} FROM appointment a
       WHERE ${where} ${after} ${page.orderBy} ${limitOf(filter.limit, take)}`,
      values,
    );
    const total = filter.withTotal ? await this.count('appointment a', where, counted) : undefined;
    return pageOf(rows, filter.limit, page, total);
  }

  async history(id: string, { limit, cursor, withTotal }: PageQuery): Promise<Page<AppointmentHistoryView>> {
    const page = keyset({ sort: 'at', columns: { at: { column: 'l.id', type: 'uuid' } }, idColumn: 'l.id', cursor });
    const rows = await this.db.rows<AppointmentHistoryView>(
      `SELECT l.id, l.occurred_at AS at, l.action, l.actor_user_id AS "actorUserId", l.actor_role AS "actorRole", l.changes
       FROM audit_log l WHERE ${OF_APPOINTMENT} ${page.where(3)} ${page.orderBy} LIMIT $2`,
      [id, limit + 1, ...page.values],
    );
    const total = withTotal ? await this.count('audit_log l', OF_APPOINTMENT, [id]) : undefined;
    return pageOf(rows, limit, page, total);
  }

  /** The time zone that a desk's days are days of: the clinic's, where only one is meant. */
  async zoneOf(clinicId: string): Promise<string | null> {
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

type Take = (value: unknown) => string;

/** The scope of a list: in the query itself, so that nothing can be forgotten after it. */
function visibleTo(actor: Actor, take: Take): string[] {
  switch (actor.role) {
    case 'ADMIN':
      return ['true'];
    case 'CLIENT':
      return [`a.client_id = ${take(actor.clientId)}::uuid`];
    case 'DOCTOR':
      return [`a.doctor_id = ${take(actor.doctorId)}::uuid`];
    default:
      // One clinic, the usual case, by equality: only then does the index give the order as well.
      return actor.clinicIds.length === 1
        ? [`a.clinic_id = ${take(actor.clinicIds[0])}::uuid`]
        : [`a.clinic_id = ANY (${take(actor.clinicIds)}::uuid[])`];
  }
}

function matching(filter: ListFilter, take: Take): string[] {
  const conditions: string[] = [];
  const instant = (value: number): string => `${take(new Date(value).toISOString())}::timestamptz`;
  if (filter.from !== undefined) conditions.push(`a.start_at >= ${instant(filter.from)}`);
  if (filter.to !== undefined) conditions.push(`a.start_at < ${instant(filter.to)}`);
  if (filter.status) conditions.push(`a.status = ANY (${take(filter.status)}::text[])`);
  if (filter.doctorId) conditions.push(`a.doctor_id = ${take(filter.doctorId)}::uuid`);
  if (filter.clientId) conditions.push(`a.client_id = ${take(filter.clientId)}::uuid`);
  if (filter.clinicId) conditions.push(`a.clinic_id = ${take(filter.clinicId)}::uuid`);
  return conditions;
}
