import { Injectable } from '@nestjs/common';
import { ReplicaReads } from '../../core/database/replica-reads.js';
import { toIso } from '../../core/kernel/clock.js';
import type { Range } from '../scheduling/index.js';
import type { DayVisit, LedgerTotal } from './day-figures.js';

interface VisitRow extends Omit<DayVisit, 'start' | 'end' | 'checkedInAt' | 'startedAt'> {
  startAt: Date;
  endAt: Date;
  checkedInAt: Date | null;
  startedAt: Date | null;
}

/** The totals of a day that need no row of a visit. */
type DayCounts = Record<'created' | 'walkIns', number>;

/** Reads what happened at a clinic on a day, without names and texts. Hand-written SQL: tables of several features, and sums. */
@Injectable()
export class DayFactsRepository {
  constructor(private readonly reads: ReplicaReads) {}

  /** The visits that overlap the day. */
  async findVisits(clinicId: string, range: Range): Promise<DayVisit[]> {
    const rows = await this.reads.rows<VisitRow>(VISITS, [clinicId, toIso(range.start), toIso(range.end)]);
    return rows.map(({ startAt, endAt, checkedInAt, startedAt, ...visit }) => ({
      ...visit,
      start: startAt.getTime(),
      end: endAt.getTime(),
      checkedInAt: checkedInAt && checkedInAt.getTime(),
      startedAt: startedAt && startedAt.getTime(),
    }));
  }

  /** @param day the local day, by which the queue is kept, with its `range` */
  async countDay(clinicId: string, { day, range }: { day: string; range: Range }): Promise<DayCounts> {
    const row = await this.reads.row<DayCounts>(COUNTS, [clinicId, toIso(range.start), toIso(range.end), day]);
    return row ?? { created: 0, walkIns: 0 };
  }

  /** Refunds count when they are decided, and those that failed do not count. */
  findLedgerTotals(clinicId: string, range: Range): Promise<LedgerTotal[]> {
    return this.reads.rows<LedgerTotal>(LEDGER, [clinicId, toIso(range.start), toIso(range.end)]);
  }
}

// No visit is longer than twelve hours, so the first condition on the start omits none. Who cancelled is in the audit log: the last time counts, since a cancellation can be undone.
const VISITS = `
  SELECT a.doctor_id AS "doctorId", a.start_at AS "startAt", a.end_at AS "endAt", a.status,
         a.checked_in_at AS "checkedInAt", a.started_at AS "startedAt", a.price_minor::float8 AS "priceMinor", a.currency,
         CASE WHEN a.status = 'CANCELLED' THEN (
           SELECT l.actor_role FROM audit_log l
           WHERE l.object_type = 'appointment' AND l.object_id = a.id AND l.action = 'appointment.cancelled'
           ORDER BY l.id DESC LIMIT 1) END AS "cancelledBy"
  FROM appointment a
  WHERE a.clinic_id = $1::uuid AND a.start_at >= $2::timestamptz - interval '1 day' AND a.start_at < $3::timestamptz
    AND a.end_at > $2::timestamptz`;

// A visit is changed at its booking or later: the condition on updated_at lets the index appointment_change find the new ones.
const COUNTS = `
  SELECT (SELECT count(*)::int FROM appointment a WHERE a.clinic_id = $1::uuid AND a.updated_at >= $2::timestamptz
            AND a.created_at >= $2::timestamptz AND a.created_at < $3::timestamptz AND a.start_at >= $2::timestamptz) AS created,
         (SELECT count(*)::int FROM queue_entry q WHERE q.clinic_id = $1::uuid AND q.day = $4::date AND q.is_walk_in) AS "walkIns"`;

const LEDGER = `
  SELECT e.currency,
         coalesce(sum(e.amount_minor) FILTER (WHERE e.account = 'PROVIDER' AND e.event = 'CAPTURED'), 0)::float8 AS "capturedMinor",
         coalesce(-sum(e.amount_minor) FILTER (WHERE e.account = 'REFUNDS' AND e.event IN ('REFUND_DUE', 'REFUND_FAILED')), 0)::float8
           AS "refundedMinor"
  FROM ledger_entry e
  WHERE e.clinic_id = $1::uuid AND e.created_at >= $2::timestamptz AND e.created_at < $3::timestamptz
    AND e.event <> 'REFUNDED'
  GROUP BY e.currency ORDER BY e.currency`;
