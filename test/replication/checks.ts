import type { PostgresNode } from '../support/postgres-node.js';
import { eventually } from '../support/eventually.js';
import { OVERLAPPING_RESERVATIONS } from '../support/overlaps.js';
import { findLost, type KnownVisit, type StoredVisit } from './visits.js';

interface Row {
  id: string;
  startAt: Date;
  isCancelled: boolean;
}

/** Reads a database of the test on a server. */
export class StoredState {
  constructor(
    private readonly server: PostgresNode,
    private readonly databaseName: string,
    private readonly serviceId: string,
  ) {}

  async findVisits(): Promise<StoredVisit[]> {
    const rows = await this.query<Row>(
      `SELECT id, start_at AS "startAt", status = 'CANCELLED' AS "isCancelled" FROM appointment
       WHERE service_id = '${this.serviceId}'`,
    );
    return rows.map(({ id, startAt, isCancelled }) => ({
      id,
      state: isCancelled ? null : { start: startAt.getTime() },
    }));
  }

  /** Compares everything with what the patients know, when no request is running any more. @returns what is wrong */
  async findFaults(known: readonly KnownVisit[]): Promise<string[]> {
    const stored = await this.findVisits();
    const ids = new Set(known.map(({ id }) => id));
    const unknown = stored.filter(({ id }) => !ids.has(id));
    return [
      ...findLost(known, stored).map(({ visitId }) => `an acknowledged change of ${visitId} is not stored`),
      ...unknown.map(({ id }) => `${id} is stored and unknown to the patient who books there`),
      ...(await this.findOverlaps()),
      ...(await this.findIncomplete()),
    ];
  }

  /** Waits until the relay of the new primary has published all events. @throws Error if it does not */
  async untilPublished(): Promise<void> {
    await eventually(async () => {
      const [row] = await this.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM outbox WHERE published_at IS NULL AND parked_at IS NULL',
      );
      if (row?.n !== 0) throw new Error(`${row?.n} events are not published`);
    });
  }

  private async findOverlaps(): Promise<string[]> {
    const rows = await this.query<{ id: string }>(OVERLAPPING_RESERVATIONS);
    return rows.map(({ id }) => `a reservation of ${id} overlaps another one`);
  }

  /** A change is whole: a visit has the reservations of its state, one audit row and one event of its booking. */
  private async findIncomplete(): Promise<string[]> {
    const rows = await this.query<{ id: string }>(
      `SELECT a.id FROM appointment a WHERE a.service_id = '${this.serviceId}' AND NOT (
         (SELECT count(*) FROM reservation r WHERE r.appointment_id = a.id AND r.active AND r.during @> a.start_at)
           = CASE WHEN a.status = 'CANCELLED' THEN 0 ELSE 2 END
         AND (SELECT count(*) FROM audit_log l WHERE l.object_id = a.id AND l.action = 'appointment.booked') = 1
         AND (SELECT count(*) FROM outbox o WHERE o.aggregate_id = a.id AND o.event = 'appointment:created') = 1)`,
    );
    return rows.map(({ id }) => `${id} has not the reservations, audit row and event of its state`);
  }

  private query<R extends object>(statement: string): Promise<R[]> {
    return this.server.queryIn(this.databaseName, statement);
  }
}
