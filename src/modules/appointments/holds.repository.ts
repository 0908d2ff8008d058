import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import type { Change } from '../../core/changes/change.js';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { getAccountId, type Actor } from '../../core/kernel/actor.js';
import { maySee, type AppointmentParties } from './appointment.policy.js';
import type { Refusal } from './booking-batches.js';
import { toLimitColumns, type BookingLimits } from './booking-limits.js';
import { BookingStatementRunner, type BookingWithAnswer } from './booking-statement-runner.js';
import { Hold } from './hold.entity.js';
import type { HoldView } from './holds.dto.js';
import type { ReservedRange } from './requested-slot.js';
import { RESERVED_COLUMNS, toReservedRange, type ReservedRow } from './reservations.repository.js';

/** Everything that one hold writes. */
export interface NewHold {
  hold: HoldView;
  groupId: string | null;
  seat: number | null;
  reservations: ReservedRange[];
  /** The schedule revision that the hold was checked against. */
  revision: number;
  timeZone: string;
  /** Checked again when the appointment is booked. */
  limits: BookingLimits | null;
  /** The maximum number of the patient's holds, including this one; null for no limit. */
  maxHolds: number | null;
  /** Null for the system, which holds times for patients of the waitlist. */
  holder: Actor | null;
  createdAt: Date;
}

/** What the events of holds carry. */
export interface HoldEventPayload extends Record<string, string> {
  doctorId: string;
  startDateTime: string;
  /** The reserved range, buffers included. */
  reservedFrom: string;
  reservedUntil: string;
  timeZone: string;
  /** The number of rooms and pieces of equipment. */
  resourceCount: string;
}

/** A hold whose time is free again. */
interface EndedHold {
  id: string;
  clinicId: string;
  clientId: string | null;
  doctorId: string;
  startAt: Date;
  reservedFrom: Date;
  reservedUntil: Date;
  timeZone: string;
  resourceCount: number;
}

/** Reads and writes holds. Hand-written SQL for rows of other features, and where several rows are deleted at once. */
@Injectable()
export class HoldsRepository {
  constructor(
    private readonly db: Database,
    private readonly changes: ChangeLog,
    private readonly statements: BookingStatementRunner,
  ) {}

  /** Reserves the slot until the hold expires. @returns why nothing was written; null if the slot is held */
  async write(hold: NewHold): Promise<Refusal | null> {
    return this.statements.write('HOLD', await this.prepare(hold));
  }

  find(id: string): Promise<Hold | null> {
    return this.db.repository(Hold).findOneBy({ id });
  }

  /** Locks the hold until the transaction ends. */
  lock(id: string): Promise<Hold | null> {
    return this.db.repository(Hold).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  /**
   * Makes the ranges of a hold those of an appointment, without a moment in which they are free, and ends the hold.
   * @param version of the appointment that has them
   * @returns false if the hold has expired or has ended
   */
  async giveTo(id: string, appointmentId: string, version: number, now: Date): Promise<boolean> {
    const rows = await this.db.rows(GIVE_TO, [id, appointmentId, version, now.toISOString()]);
    await this.db.repository(Hold).delete({ id });
    return rows.length > 0;
  }

  /** Whether an appointment that the actor may see was booked from the hold. */
  async isUsedBy(actor: Actor, id: string): Promise<boolean> {
    const row = await this.db.row<AppointmentParties>(
      `SELECT clinic_id AS "clinicId", client_id AS "clientId", doctor_id AS "doctorId" FROM appointment WHERE id = $1`,
      [id],
    );
    return row !== null && maySee(actor, row);
  }

  /** The ranges that a hold reserves. */
  async findRanges(id: string): Promise<ReservedRange[]> {
    const rows = await this.db.rows<ReservedRow>(
      `SELECT ${RESERVED_COLUMNS}
       FROM reservation WHERE appointment_id = $1 AND expires_at IS NOT NULL ORDER BY resource_id`,
      [id],
    );
    return rows.map(toReservedRange);
  }

  /** Deletes a hold and its reservations. @returns whether it existed */
  end(id: string): Promise<boolean> {
    return this.db.transaction(async () => {
      const hold = await this.db.row<EndedHold>(`${ENDED_HOLDS} WHERE h.id = $1 FOR UPDATE OF h`, [id]);
      if (!hold) return false;
      await this.db.repository(Hold).delete({ id });
      await this.changes.record(toEndChange('hold.released', hold));
      return true;
    });
  }

  /**
   * Frees the time of expired holds, for which nothing was booked in the meantime. Skips holds that another process ends.
   * @returns their number
   */
  endExpired(now: Date): Promise<number> {
    return this.db.transaction(async () => {
      const ended = await this.db.rows<EndedHold>(END_EXPIRED, [now.toISOString()]);
      await this.changes.recordAll(ended.map((hold) => toEndChange('hold.expired', hold)));
      return ended.length;
    });
  }

  /** Deletes holds that expired before the instant. */
  async deleteBefore(instant: Date): Promise<void> {
    await this.db.repository(Hold).delete({ expiresAt: LessThan(instant) });
  }

  private async prepare({ hold, reservations, holder, ...rest }: NewHold): Promise<BookingWithAnswer> {
    return {
      id: hold.id,
      reservations,
      exclusive: hold.clientId ? [`holds of ${hold.clientId}`] : [],
      answer: hold,
      row: {
        id: hold.id,
        clinic_id: hold.clinicId,
        client_id: hold.clientId,
        revision: rest.revision,
        reservation_count: reservations.length,
        ...toLimitColumns(rest.limits),
        max_holds: hold.clientId ? rest.maxHolds : null,
        held_until: hold.expiresAt,
        booker_id: holder?.userId ?? null,
        booker_role: holder?.role ?? SYSTEM_ROLE,
        booker_clinic_ids: holder?.clinicIds ?? [],
        new_row: toRow(hold, holder, rest),
        ...(await this.changes.toRows({
          action: 'hold.created',
          objectType: 'hold',
          objectId: hold.id,
          clinicId: hold.clinicId,
          after: hold,
          ...toPatientChanges(hold),
          event: {
            name: 'hold.created',
            payload: toPayload({
              doctorId: hold.doctorId,
              startAt: hold.startDateTime,
              ...getReserved(reservations),
              timeZone: rest.timeZone,
              resourceCount: hold.resourceIds.length,
            }),
          },
        })),
      },
    };
  }
}

/** The system may hold times for every patient. */
const SYSTEM_ROLE = 'ADMIN';

/** The row of `hold`. */
const toRow = (
  hold: HoldView,
  holder: Actor | null,
  { groupId, seat, createdAt }: Omit<NewHold, 'hold' | 'reservations' | 'holder'>,
): object => ({
  id: hold.id,
  clinic_id: hold.clinicId,
  client_id: hold.clientId,
  doctor_id: hold.doctorId,
  service_id: hold.serviceId,
  resource_ids: hold.resourceIds,
  group_id: groupId,
  seat,
  start_at: hold.startDateTime,
  end_at: hold.endDateTime,
  expires_at: hold.expiresAt,
  created_by: holder && getAccountId(holder),
  created_at: createdAt,
});

/** What the events of holds carry: whose free times changed. */
const toPayload = ({
  doctorId,
  startAt,
  reservedFrom,
  reservedUntil,
  timeZone,
  resourceCount,
}: Omit<EndedHold, 'id' | 'clinicId' | 'clientId'>): HoldEventPayload => ({
  doctorId,
  startDateTime: startAt.toISOString(),
  reservedFrom: reservedFrom.toISOString(),
  reservedUntil: reservedUntil.toISOString(),
  timeZone,
  resourceCount: String(resourceCount),
});

/** The doctor's range. */
function getReserved(ranges: ReservedRange[]): Pick<EndedHold, 'reservedFrom' | 'reservedUntil'> {
  const [{ during }] = ranges.filter(({ kind }) => kind === 'DOCTOR') as [ReservedRange];
  return { reservedFrom: new Date(during.start), reservedUntil: new Date(during.end) };
}

/** For the audit log, in which patients and managers look for what was done about a patient. */
const toPatientChanges = ({ clientId }: Pick<EndedHold, 'clientId'>): Pick<Change, 'changes'> =>
  clientId === null ? {} : { changes: { clientIds: [clientId] } };

const toEndChange = (action: string, hold: EndedHold): Change => ({
  action,
  objectType: 'hold',
  objectId: hold.id,
  clinicId: hold.clinicId,
  ...toPatientChanges(hold),
  event: { name: action, payload: toPayload(hold) },
});

const ENDED_HOLDS = `
  SELECT h.id, h.clinic_id AS "clinicId", h.client_id AS "clientId", h.doctor_id AS "doctorId", h.start_at AS "startAt", k.time_zone AS "timeZone",
         cardinality(h.resource_ids) AS "resourceCount", h.start_at - s.buffer_before_minutes * interval '1 minute' AS "reservedFrom",
         h.end_at + s.buffer_after_minutes * interval '1 minute' AS "reservedUntil"
  FROM hold h JOIN clinic k ON k.id = h.clinic_id JOIN service s ON s.id = h.service_id`;

/** Only holds that still have reservations: the others were ended before. */
const END_EXPIRED = `
  WITH ended AS (
    SELECT h.id FROM hold h WHERE h.expires_at <= $1::timestamptz
      AND EXISTS (SELECT FROM reservation v WHERE v.hold_id = h.id)
    ORDER BY h.expires_at LIMIT 500 FOR UPDATE SKIP LOCKED
  ), freed AS (
    DELETE FROM reservation v USING ended e WHERE v.hold_id = e.id AND v.expires_at <= $1::timestamptz RETURNING v.appointment_id AS id
  )
  ${ENDED_HOLDS} WHERE h.id IN (SELECT id FROM freed)`;

// The ranges of the patient and of a visit of one patient have the id of their hold as their group.
const GIVE_TO = `
  UPDATE reservation SET appointment_id = $2::uuid, version = $3::int, expires_at = NULL,
    group_id = CASE WHEN group_id = $1::uuid THEN $2::uuid ELSE group_id END
  WHERE hold_id = $1::uuid AND active AND expires_at > $4::timestamptz RETURNING resource_id`;
