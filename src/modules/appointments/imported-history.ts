import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { getAccountId, type Actor } from '../../core/kernel/actor.js';
import { invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { assertAtOwnClinic } from './appointment.policy.js';
import type { AppointmentStatus } from './appointment-status.js';
import { AppointmentTexts } from './appointment-texts.js';
import { BookingWriter } from './booking-writer.js';
import { getMinutes, toVisitKey, type ImportedOutcome, type ImportedVisit } from './imported-visit.js';

const MINUTE = 60_000;

interface ServiceRow {
  clinicId: string;
  minutes: number;
  /** Of the doctor; null if the doctor does not belong to the clinic. */
  resourceId: string | null;
}

/** Everything that a visit is recorded from. */
interface NewHistory {
  id: string;
  actor: Actor;
  visit: ImportedVisit;
  service: ServiceRow;
  status: AppointmentStatus;
  now: Date;
}

/** Records past and cancelled visits of another system. */
@Injectable()
export class ImportedHistory {
  constructor(
    private readonly db: Database,
    private readonly changes: ChangeLog,
    private readonly texts: AppointmentTexts,
    private readonly writer: BookingWriter,
  ) {}

  /** The ids of the visits that exist, by toVisitKey. Hand-written SQL: one statement for all visits of a part of the file. */
  async findIds(visits: readonly ImportedVisit[]): Promise<Map<string, string>> {
    const rows = await this.db.rows<{ id: string; clientId: string; doctorId: string; start: Date }>(
      `SELECT a.id, a.client_id AS "clientId", a.doctor_id AS "doctorId", a.start_at AS start
       FROM json_to_recordset($1::json) AS v ("clientId" uuid, "doctorId" uuid, start timestamptz)
       JOIN appointment a ON a.client_id = v."clientId" AND a.start_at = v.start AND a.doctor_id = v."doctorId"`,
      [JSON.stringify(visits.map(({ clientId, doctorId, start }) => ({ clientId, doctorId, start })))],
    );
    return new Map(rows.map((row) => [toVisitKey(row), row.id]));
  }

  /** @throws DomainError NOT_FOUND for a patient or service that the actor may not book; VALIDATION_ERROR for a doctor of another clinic */
  async record(actor: Actor, visit: ImportedVisit, now: Date): Promise<ImportedOutcome> {
    const service = await this.findService(visit);
    if (!service) throw notFound();
    assertAtOwnClinic(actor, service.clinicId);
    if (!service.resourceId) throw invalid({ field: 'doctorId', error: 'is not a doctor of this clinic' });
    await this.writer.assertMayBookFor(actor, visit.clientId);
    const id = newId();
    const status = visit.status ?? 'COMPLETED';
    await this.insert({ id, actor, visit, service, status, now });
    await this.changes.recordAll([
      {
        action: 'appointment.imported',
        objectType: 'appointment',
        objectId: id,
        clinicId: service.clinicId,
        actor,
        changes: { status: [null, status] },
        event: null,
      },
    ]);
    return { outcome: 'RECORDED', id };
  }

  /** Hand-written SQL: joins tables of other features. */
  private findService({ serviceId, doctorId }: ImportedVisit): Promise<ServiceRow | null> {
    return this.db.row<ServiceRow>(
      `SELECT s.clinic_id AS "clinicId", s.duration_minutes AS minutes, d.resource_id AS "resourceId"
       FROM service s LEFT JOIN doctor d ON d.id = $2 AND d.clinic_id = s.clinic_id WHERE s.id = $1`,
      [serviceId, doctorId],
    );
  }

  private async insert({ id, actor, visit, service, status, now }: NewHistory): Promise<void> {
    const { clientId, doctorId, serviceId, start, priceMinor = null } = visit;
    const end = new Date(start.getTime() + (getMinutes(visit) ?? service.minutes) * MINUTE);
    const texts = this.texts.encrypt(id, {
      notes: visit.notes?.toWellFormed() ?? null,
      staffNotes: visit.staffNotes?.toWellFormed() ?? null,
      insuranceNote: null,
      cancelReason: null,
    });
    await this.db.rows(INSERT_VISIT, [
      id,
      service.clinicId,
      clientId,
      doctorId,
      serviceId,
      start,
      end,
      status,
      texts.encryptedNotes,
      texts.encryptedStaffNotes,
      priceMinor,
      getAccountId(actor),
      now,
      service.resourceId,
    ]);
  }
}

// One statement for every table of a visit. The reservations are inactive: they reserve nothing, but a visit that is reinstated reserves them again.
const INSERT_VISIT = `
  WITH linked AS (
    INSERT INTO client_clinic (client_id, clinic_id, bookings) VALUES ($3, $2, 1) ON CONFLICT DO NOTHING
  ), recorded AS (
    INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, notes, staff_notes, price_minor, currency,
                             tax_basis_points, cancelled_at, completed_at, created_by, created_at, updated_at)
    SELECT $1, $2, $3, $4, s.id, $6::timestamptz, $7::timestamptz, $8::text, $9, $10, coalesce($11::bigint, s.price_minor), s.currency, c.tax_basis_points,
           CASE WHEN $8 = 'CANCELLED' THEN $13::timestamptz END, CASE WHEN $8 = 'COMPLETED' THEN $7::timestamptz END, $12, $13, $13
    FROM service s JOIN clinic c ON c.id = s.clinic_id WHERE s.id = $5
    RETURNING id
  )
  INSERT INTO reservation (appointment_id, resource_id, kind, group_id, during, active)
  SELECT r.id, x.id, x.kind, r.id, tstzrange($6, $7, '[)'), false
  FROM recorded r, (VALUES ($14::uuid, 'DOCTOR'), ($3::uuid, 'CLIENT')) AS x (id, kind)`;
