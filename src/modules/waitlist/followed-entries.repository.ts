import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Clock, toIso } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';
import { entryStatus } from './entry-status.sql.js';
import type { WaitlistStatus } from './waitlist-status.js';

/** A visit that was booked. */
interface BookedVisit {
  id: string;
  clientId: string;
  serviceId: string;
  startDateTime: string;
}

interface BookedRow {
  entryId: string;
  appointmentId: string;
  startAt: Date;
  timeZone: string;
  fromDay: string;
  toDay: string;
}

/** What sockets get of an entry: no name. */
export interface SocketEntry {
  id: string;
  clinicId: string;
  clientId: string;
  serviceId: string;
  doctorId: string | null;
  status: WaitlistStatus;
}

/** Finds the entries that events are about. Hand-written SQL: one statement for a batch of events, and most batches concern no entry. */
@Injectable()
export class FollowedEntriesRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** The waiting entries that these visits fulfil, each with its visit. */
  async findBooked(visits: readonly BookedVisit[]): Promise<{ entryId: string; appointmentId: string }[]> {
    if (visits.length === 0) return [];
    const rows = await this.db.rows<BookedRow>(BOOKED, [JSON.stringify(visits)]);
    // Computed in the process, not in SQL: PostgreSQL may not know the clinic's zone.
    return rows.filter(({ startAt, timeZone, fromDay, toDay }) => {
      const day = Zone.of(timeZone).toDay(startAt.getTime());
      return fromDay <= day && day <= toDay;
    });
  }

  /** The waiting entries that ask for an earlier time of these visits, and whether their open offer is not earlier any more. */
  async findWaitingFor(appointmentIds: string[]): Promise<{ entryId: string; isOvertaken: boolean }[]> {
    if (appointmentIds.length === 0) return [];
    return this.db.rows(WAITING_FOR, [appointmentIds]);
  }

  /** The entries with open offers of holds that are gone. */
  async findEntriesByHolds(holdIds: string[]): Promise<string[]> {
    if (holdIds.length === 0) return [];
    const rows = await this.db.rows<{ id: string }>(
      `SELECT entry_id AS id FROM waitlist_offer WHERE hold_id = ANY ($1::uuid[]) AND state = 'OPEN' ORDER BY entry_id`,
      [holdIds],
    );
    return rows.map(({ id }) => id);
  }

  findForSockets(ids: string[]): Promise<(SocketEntry & { userId: string | null })[]> {
    return this.db.rows(SOCKET_ENTRIES, [ids, toIso(this.clock.now())]);
  }
}

const BOOKED = `
  SELECT e.id AS "entryId", v.id AS "appointmentId", v."startDateTime" AS "startAt", k.time_zone AS "timeZone",
         e.from_day::text AS "fromDay", e.to_day::text AS "toDay"
  FROM json_to_recordset($1::json) AS v (id uuid, "clientId" uuid, "serviceId" uuid, "startDateTime" timestamptz)
  JOIN waitlist_entry e ON e.client_id = v."clientId" AND e.service_id = v."serviceId" AND e.status = 'WAITING'
    AND e.appointment_id IS NULL
  JOIN clinic k ON k.id = e.clinic_id
  ORDER BY e.id`;

const WAITING_FOR = `
  SELECT e.id AS "entryId", coalesce(o.start_at >= a.start_at, false) AS "isOvertaken"
  FROM waitlist_entry e JOIN appointment a ON a.id = e.appointment_id
  LEFT JOIN waitlist_offer o ON o.entry_id = e.id AND o.state = 'OPEN'
  WHERE e.appointment_id = ANY ($1::uuid[]) AND e.status = 'WAITING' ORDER BY e.id`;

const SOCKET_ENTRIES = `
  SELECT e.id, e.clinic_id AS "clinicId", e.client_id AS "clientId", e.service_id AS "serviceId", e.doctor_id AS "doctorId",
         ${entryStatus('$2')} AS status, c.user_id AS "userId"
  FROM waitlist_entry e JOIN client c ON c.id = e.client_id
  LEFT JOIN waitlist_offer o ON o.entry_id = e.id AND o.state = 'OPEN' AND o.expires_at > $2::timestamptz
  WHERE e.id = ANY ($1::uuid[])`;
