import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Clock, toIso } from '../../core/kernel/clock.js';
import { GuardianAccess } from '../clients/index.js';

/** What a message and its pages contain about an offer. */
export interface OfferDetails {
  id: string;
  entryId: string;
  clinicId: string;
  clientId: string;
  clientUserId: string;
  clientName: string;
  /** The accounts of those who may act for the patient now. */
  guardianUserIds: string[];
  startAt: Date;
  endAt: Date;
  expiresAt: Date;
  /** The offer can be accepted. */
  isOpen: boolean;
  /** The time was closed, and the patient waits on. */
  isClosed: boolean;
  mode: 'IN_PERSON' | 'VIDEO';
  serviceName: string;
  doctorName: string;
  clinicName: string;
  clinicPhone: string | null;
  clinicAddress: string | null;
  clinicTimeZone: string;
  /** The start of the visit that the offered time would replace. */
  replacedStart: Date | null;
}

/** Reads offers for messages. Hand-written SQL: joins of other features' tables. */
@Injectable()
export class OfferDetailsReader {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly guardians: GuardianAccess,
  ) {}

  async find(ids: string[]): Promise<OfferDetails[]> {
    const now = toIso(this.clock.now());
    const rows = await this.db.rows<Omit<OfferDetails, 'guardianUserIds'>>(DETAILS, [ids, now]);
    const guardians = await this.guardians.findGuardianUsers(rows.map(({ clientId }) => clientId));
    return rows.map((row) => ({ ...row, guardianUserIds: guardians.get(row.clientId) ?? [] }));
  }
}

const DETAILS = `
  SELECT o.id, e.id AS "entryId", e.clinic_id AS "clinicId", e.client_id AS "clientId", c.user_id AS "clientUserId",
         concat_ws(' ', u.first_name, u.last_name) AS "clientName", o.start_at AS "startAt", o.end_at AS "endAt",
         o.expires_at AS "expiresAt", o.state = 'OPEN' AND o.expires_at > $2::timestamptz AND e.status = 'WAITING' AS "isOpen",
         o.state = 'CLOSED' AND e.status = 'WAITING' AS "isClosed",
         s.mode, s.name AS "serviceName", concat_ws(' ', d.title, d.first_name, d.last_name) AS "doctorName",
         k.name AS "clinicName", k.phone AS "clinicPhone", k.address AS "clinicAddress", k.time_zone AS "clinicTimeZone",
         a.start_at AS "replacedStart"
  FROM waitlist_offer o
  JOIN waitlist_entry e ON e.id = o.entry_id
  JOIN client c ON c.id = e.client_id
  JOIN user_account u ON u.id = c.user_id
  JOIN service s ON s.id = e.service_id
  JOIN doctor d ON d.id = o.doctor_id
  JOIN clinic k ON k.id = e.clinic_id
  LEFT JOIN appointment a ON a.id = e.appointment_id
  WHERE o.id = ANY ($1::uuid[])`;
