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
  clientConfirmedAt: Date | null;
  mode: 'IN_PERSON' | 'VIDEO';
  serviceName: string;
  doctorName: string;
  clinicName: string;
  clinicPhone: string | null;
  clinicAddress: string | null;
  clinicTimeZone: string;
}

/** Reads for other features, many at a time, as things stand at this moment. */
@Injectable()
export class AppointmentFacts {
  constructor(private readonly db: Database) {}

  of(ids: string[]): Promise<FactsOfAppointment[]> {
    return this.db.rows<FactsOfAppointment>(FACTS, [ids]);
  }
}

const FACTS = `
  SELECT a.id, a.clinic_id AS "clinicId", a.client_id AS "clientId", cl.user_id AS "clientUserId", a.status,
         a.start_at AS "startAt", a.end_at AS "endAt", a.version, a.schedule_version AS "scheduleVersion",
         a.client_confirmed_at AS "clientConfirmedAt", s.mode, s.name AS "serviceName",
         concat_ws(' ', d.title, d.first_name, d.last_name) AS "doctorName", c.name AS "clinicName",
         c.phone AS "clinicPhone", c.address AS "clinicAddress", c.time_zone AS "clinicTimeZone"
  FROM appointment a
  JOIN client cl ON cl.id = a.client_id
  JOIN service s ON s.id = a.service_id
  JOIN doctor d ON d.id = a.doctor_id
  JOIN clinic c ON c.id = a.clinic_id
  WHERE a.id = ANY ($1::uuid[])`;
