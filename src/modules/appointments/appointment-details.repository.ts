import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { GuardianAccess } from '../clients/index.js';
import type { AppointmentStatus } from './appointment.entity.js';
import { AppointmentTexts, VIDEO_LINK_COLUMNS, type EncryptedVideoLinks } from './appointment-texts.js';

/** What a message to the patient contains about an appointment. No notes: they are health data. */
export interface AppointmentDetails {
  id: string;
  clinicId: string;
  clientId: string;
  clientUserId: string;
  clientName: string;
  /** The accounts of those who may act for the patient now. */
  guardianUserIds: string[];
  status: AppointmentStatus;
  startAt: Date;
  endAt: Date;
  version: number;
  scheduleVersion: number;
  doctorId: string;
  serviceId: string;
  cancelledAt: Date | null;
  clientConfirmedAt: Date | null;
  mode: 'IN_PERSON' | 'VIDEO';
  serviceName: string;
  doctorName: string;
  clinicName: string;
  clinicPhone: string | null;
  clinicAddress: string | null;
  clinicTimeZone: string;
  /** The names of the reserved rooms, without equipment and staff. */
  rooms: string[];
  cancelReason: string | null;
  /** The link to join a video visit, for its patient and its doctor only. */
  videoUrl: string | null;
}

/** The earlier values of an appointment that was moved; only those that differ from the current ones. */
export interface PreviousDetails {
  startAt?: Date;
  doctorName?: string;
  rooms?: string[];
}

interface PreviousRow {
  startAt: Date | null;
  doctorId: string | null;
  doctorName: string | null;
  rooms: string[] | null;
}

/** Reads the current details of appointments for other features. Hand-written SQL: joins of other features' tables, and JSON of the history. */
@Injectable()
export class AppointmentDetailsRepository {
  constructor(
    private readonly db: Database,
    private readonly texts: AppointmentTexts,
    private readonly guardians: GuardianAccess,
  ) {}

  async find(ids: string[]): Promise<AppointmentDetails[]> {
    type Encrypted = EncryptedVideoLinks & { cancelReason: Buffer | null };
    type Row = Omit<AppointmentDetails, 'cancelReason' | 'videoUrl' | 'guardianUserIds'> & Encrypted;
    const rows = await this.db.rows<Row>(DETAILS, [ids]);
    const guardians = await this.guardians.findGuardianUsers(rows.map(({ clientId }) => clientId));
    return rows.map(({ ownUrl, doctorUrl, ...row }) => {
      const links = this.texts.readVideoLinks({ ...row, ownUrl, doctorUrl });
      const cancelReason = this.texts.readCancelReason(row.id, row.cancelReason);
      const guardianUserIds = guardians.get(row.clientId) ?? [];
      return { ...row, guardianUserIds, cancelReason, videoUrl: links.ownUrl ?? links.doctorUrl };
    });
  }

  /** The other appointments of the patient that one bulk change changed together with this version, if they are still as it left them; by start. */
  async findChangedTogether(appointmentId: string, version: number): Promise<AppointmentDetails[]> {
    const rows = await this.db.rows<{ id: string }>(CHANGED_TOGETHER, [appointmentId, version]);
    if (rows.length === 0) return [];
    const details = await this.find(rows.map(({ id }) => id));
    return details.sort((a, b) => a.startAt.getTime() - b.startAt.getTime());
  }

  /**
   * How an appointment differs from its state at an earlier version, by its history. Empty if a later move undid the move.
   * @returns null if the history contains no move after that version
   */
  async findPrevious(current: AppointmentDetails, version: number): Promise<PreviousDetails | null> {
    const previous = await this.db.row<PreviousRow>(PREVIOUS_DETAILS, [current.id, version]);
    if (!previous || (!previous.startAt && !previous.doctorId && !previous.rooms)) return null;
    const { startAt, doctorId, doctorName, rooms } = previous;
    return {
      ...(startAt && startAt.getTime() !== current.startAt.getTime() && { startAt }),
      ...(doctorName && doctorId !== current.doctorId && { doctorName }),
      ...(rooms && rooms.join() !== current.rooms.join() && { rooms }),
    };
  }
}

const DOCTOR_NAME = `concat_ws(' ', d.title, d.first_name, d.last_name)`;

const roomNames = (ids: string): string =>
  `ARRAY(SELECT r.name FROM resource r WHERE r.id = ANY (${ids}) AND r.kind = 'ROOM' ORDER BY r.name)`;

const CHANGED_TOGETHER = `
  SELECT a.id FROM bulk_change_visit own
  JOIN appointment o ON o.id = own.appointment_id
  JOIN bulk_change_visit v ON v.bulk_id = own.bulk_id AND v.appointment_id <> own.appointment_id
  JOIN appointment a ON a.id = v.appointment_id AND a.client_id = o.client_id AND a.schedule_version <= v.version
  WHERE own.appointment_id = $1 AND own.version = $2 AND (a.status = 'CANCELLED') = (v.outcome = 'CANCELLED')`;

// The first old value of a field after that version is the value that the field had at that version.
const PREVIOUS_DETAILS = `
  WITH moves AS (
    SELECT l.id, l.changes FROM audit_log l
    WHERE l.object_type = 'appointment' AND l.object_id = $1::uuid AND l.action = 'appointment.rescheduled'
      AND (l.changes -> 'version' ->> 1)::int > $2::int
  ), previous AS (
    SELECT (SELECT (changes -> 'startDateTime' ->> 0)::timestamptz FROM moves WHERE changes ? 'startDateTime' ORDER BY id LIMIT 1) AS start_at,
           (SELECT (changes -> 'doctorId' ->> 0)::uuid FROM moves WHERE changes ? 'doctorId' ORDER BY id LIMIT 1) AS doctor_id,
           (SELECT changes -> 'resourceIds' -> 0 FROM moves WHERE changes ? 'resourceIds' ORDER BY id LIMIT 1) AS resources
  )
  SELECT previous.start_at AS "startAt", previous.doctor_id AS "doctorId", ${DOCTOR_NAME} AS "doctorName",
         CASE WHEN previous.resources IS NOT NULL
           THEN ${roomNames('ARRAY(SELECT jsonb_array_elements_text(previous.resources)::uuid)')} END AS rooms
  FROM previous LEFT JOIN doctor d ON d.id = previous.doctor_id`;

const DETAILS = `
  SELECT a.id, a.clinic_id AS "clinicId", a.client_id AS "clientId", cl.user_id AS "clientUserId",
         concat_ws(' ', u.first_name, u.last_name) AS "clientName", a.status,
         a.start_at AS "startAt", a.end_at AS "endAt", a.version, a.schedule_version AS "scheduleVersion",
         a.client_confirmed_at AS "clientConfirmedAt", s.mode, s.name AS "serviceName",
         a.service_id AS "serviceId", a.cancelled_at AS "cancelledAt",
         a.doctor_id AS "doctorId", ${DOCTOR_NAME} AS "doctorName", ${roomNames('a.resource_ids')} AS rooms,
         a.cancel_reason AS "cancelReason", ${VIDEO_LINK_COLUMNS}, c.name AS "clinicName",
         c.phone AS "clinicPhone", c.address AS "clinicAddress", c.time_zone AS "clinicTimeZone"
  FROM appointment a
  JOIN client cl ON cl.id = a.client_id
  JOIN user_account u ON u.id = cl.user_id
  JOIN service s ON s.id = a.service_id
  JOIN doctor d ON d.id = a.doctor_id
  JOIN clinic c ON c.id = a.clinic_id
  WHERE a.id = ANY ($1::uuid[])`;
