import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { AppointmentStatus } from './appointment.entity.js';

/** What a message to the patient needs to know of an appointment. No notes: they are health data. */
export interface FactsOfAppointment {
  id: string;
  clinicId: string;
  clientId: string;
  clientUserId: string;
  status: AppointmentStatus;
  startAt: Date;
  endAt: Date;
  version: number;
  scheduleVersion: number;
  doctorId: string;
  clientConfirmedAt: Date | null;
  mode: 'IN_PERSON' | 'VIDEO';
  serviceName: string;
  doctorName: string;
  clinicName: string;
  clinicPhone: string | null;
  clinicAddress: string | null;
  clinicTimeZone: string;
  /** The names of its rooms, without equipment and staff. */
  rooms: string[];
  cancelReason: string | null;
}

/** What an appointment was before it was moved; only what is different now. */
export interface EarlierFacts {
  startAt?: Date;
  doctorName?: string;
  rooms?: string[];
}

interface EarlierRow {
  startAt: Date | null;
  doctorId: string | null;
  doctorName: string | null;
  rooms: string[] | null;
}

/** Reads for other features, many at a time, as things stand at this moment. */
@Injectable()
export class AppointmentFacts {
  constructor(private readonly db: Database) {}

  of(ids: string[]): Promise<FactsOfAppointment[]> {
    return this.db.rows<FactsOfAppointment>(FACTS, [ids]);
  }

  /**
   * How the appointment differs from what it was at a version, as its history says: not at all where a move was taken back.
   * @returns null where the history has no move after that version
   */
  async earlier(now: FactsOfAppointment, version: number): Promise<EarlierFacts | null> {
    const was = await this.db.row<EarlierRow>(EARLIER, [now.id, version]);
    if (!was || (!was.startAt && !was.doctorId && !was.rooms)) return null;
    return {
      ...(was.startAt && was.startAt.getTime() !== now.startAt.getTime() && { startAt: was.startAt }),
      ...(was.doctorName && was.doctorId !== now.doctorId && { doctorName: was.doctorName }),
      ...(was.rooms && was.rooms.join() !== now.rooms.join() && { rooms: was.rooms }),
    };
  }
}

const DOCTOR_NAME = `concat_ws(' ', d.title, d.first_name, d.last_name)`;

const roomsAmong = (ids: string): string =>
  `ARRAY(SELECT r.name FROM resource r WHERE r.id = ANY (${ids}) AND r.kind = 'ROOM' ORDER BY r.name)`;

// The first old value of each field after that version is what the appointment had then.
const EARLIER = `
  WITH moves AS (
    SELECT l.id, l.changes FROM audit_log l
    WHERE l.object_type = 'appointment' AND l.object_id = $1::uuid AND l.action = 'appointment.rescheduled'
      AND (l.changes -> 'version' ->> 1)::int > $2::int
  ), was AS (
    SELECT (SELECT (changes -> 'startDateTime' ->> 0)::timestamptz FROM moves WHERE changes ? 'startDateTime' ORDER BY id LIMIT 1) AS start_at,
           (SELECT (changes -> 'doctorId' ->> 0)::uuid FROM moves WHERE changes ? 'doctorId' ORDER BY id LIMIT 1) AS doctor_id,
           (SELECT changes -> 'resourceIds' -> 0 FROM moves WHERE changes ? 'resourceIds' ORDER BY id LIMIT 1) AS resources
  )
  SELECT was.start_at AS "startAt", was.doctor_id AS "doctorId", ${DOCTOR_NAME} AS "doctorName",
         CASE WHEN was.resources IS NOT NULL
           THEN ${roomsAmong('ARRAY(SELECT jsonb_array_elements_text(was.resources)::uuid)')} END AS rooms
  FROM was LEFT JOIN doctor d ON d.id = was.doctor_id`;

const FACTS = `
  SELECT a.id, a.clinic_id AS "clinicId", a.client_id AS "clientId", cl.user_id AS "clientUserId", a.status,
         a.start_at AS "startAt", a.end_at AS "endAt", a.version, a.schedule_version AS "scheduleVersion",
         a.client_confirmed_at AS "clientConfirmedAt", s.mode, s.name AS "serviceName",
         a.doctor_id AS "doctorId", ${DOCTOR_NAME} AS "doctorName", ${roomsAmong('a.resource_ids')} AS rooms,
         a.cancel_reason AS "cancelReason", c.name AS "clinicName",
         c.phone AS "clinicPhone", c.address AS "clinicAddress", c.time_zone AS "clinicTimeZone"
  FROM appointment a
  JOIN client cl ON cl.id = a.client_id
  JOIN service s ON s.id = a.service_id
  JOIN doctor d ON d.id = a.doctor_id
  JOIN clinic c ON c.id = a.clinic_id
  WHERE a.id = ANY ($1::uuid[])`;
