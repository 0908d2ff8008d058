import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { GuardianAccess } from '../clients/index.js';
import type { AppointmentStatus } from './appointment-status.js';
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

/** An appointment as it is now, and the earlier version that its patient knows. */
interface SeenAppointment {
  appointment: AppointmentDetails;
  version: number;
}

interface PreviousRow {
  id: string;
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

  /**
   * How appointments differ from their states at earlier versions, by their history.
   * @returns the details in the order of the appointments: null if there was no move after the version, empty if a later move undid it
   */
  async findPrevious(seen: readonly SeenAppointment[]): Promise<(PreviousDetails | null)[]> {
    const ids = seen.map(({ appointment }) => appointment.id);
    const versions = seen.map(({ version }) => version);
    const rows = await this.db.rows<PreviousRow>(PREVIOUS_DETAILS, [ids, versions]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return seen.map(({ appointment }) => toPreviousDetails(appointment, byId.get(appointment.id)));
  }
}

function toPreviousDetails(current: AppointmentDetails, previous?: PreviousRow): PreviousDetails | null {
  if (!previous || (!previous.startAt && !previous.doctorId && !previous.rooms)) return null;
  const { startAt, doctorId, doctorName, rooms } = previous;
  return {
    ...(startAt && startAt.getTime() !== current.startAt.getTime() && { startAt }),
    ...(doctorName && doctorId !== current.doctorId && { doctorName }),
    ...(rooms && rooms.join() !== current.rooms.join() && { rooms }),
  };
}

const DOCTOR_NAME = `concat_ws(' ', d.title, d.first_name, d.last_name)`;

const roomNames = (ids: string): string =>
  `ARRAY(SELECT r.name FROM resource r WHERE r.id = ANY (${ids}) AND r.kind = 'ROOM' ORDER BY r.name)`;

// The first old value of a field after that version is the value that the field had at that version.
const PREVIOUS_DETAILS = `
  WITH moves AS (
    SELECT l.object_id, l.id, l.changes FROM unnest($1::uuid[], $2::int[]) AS seen (id, version)
    JOIN audit_log l ON l.object_type = 'appointment' AND l.object_id = seen.id AND l.action = 'appointment.rescheduled'
      AND (l.changes -> 'version' ->> 1)::int > seen.version
  ), previous AS (
    SELECT object_id,
           (array_agg((changes -> 'startDateTime' ->> 0)::timestamptz ORDER BY id) FILTER (WHERE changes ? 'startDateTime'))[1] AS start_at,
           (array_agg((changes -> 'doctorId' ->> 0)::uuid ORDER BY id) FILTER (WHERE changes ? 'doctorId'))[1] AS doctor_id,
           (array_agg(changes -> 'resourceIds' -> 0 ORDER BY id) FILTER (WHERE changes ? 'resourceIds'))[1] AS resources
    FROM moves GROUP BY object_id
  )
  SELECT previous.object_id AS id, previous.start_at AS "startAt", previous.doctor_id AS "doctorId", ${DOCTOR_NAME} AS "doctorName",
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
