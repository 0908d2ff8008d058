/** Whether the process, or what it stands on, is well. */
export class HealthView {
  /** @example ok */
  status: string;
}

export class DatabaseHealthView {
  /** @example true */
  reachable: boolean;
  /** The schema is the one of this build. @example true */
  migrated: boolean;
  /** Milliseconds of a `SELECT 1`. @example 0.8 */
  latencyMs: number | null;
}

export class OutboxHealthView {
  /** Age of the oldest event that is not published and not parked. @example 0 */
  lagSeconds: number;
  /** @example 0 */
  unpublished: number;
  /** Events that failed too often and wait for an operator: `GET /api/v1/outbox/parked`. @example 0 */
  parked: number;
}

export class DetailedHealthView {
  /** ok; degraded when something is away that bookings don't need; down. @example ok */
  status: string;
  /** @example 0.1.0 */
  version: string;
  /** @example 86400 */
  uptimeSeconds: number;
  database: DatabaseHealthView;
  /** @example true */
  redisReachable: boolean;
  /** Null where the database does not say. */
  outbox: OutboxHealthView | null;
  /** Bytes of memory in use. @example 120000000 */
  rssBytes: number;
}

export class ModuleHealthView {
  /** @example AppointmentsModule */
  name: string;
  /** @example ok */
  status: string;
}
