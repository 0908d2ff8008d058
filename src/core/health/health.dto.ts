/** The state of a process. */
export class HealthView {
  /** @example ok */
  status: string;
}

export class DatabaseHealthView {
  /** @example true */
  reachable: boolean;
  /** Whether the schema is that of this build. @example true */
  migrated: boolean;
  /** The time of a `SELECT 1` in milliseconds. @example 0.8 */
  latencyMs: number | null;
}

export class IndicatorView {
  /** @example notifications */
  name: string;
  /** @example true */
  healthy: boolean;
  /** Numbers with their units in their names. @example {"lagSeconds":0.4,"deadLetters":0} */
  figures: Record<string, number>;
}

export class DetailedHealthView {
  /** `ok`, `down`, or `degraded` if something does not work that bookings do not need. @example ok */
  status: string;
  /** @example 0.1.0 */
  version: string;
  /** @example 86400 */
  uptimeSeconds: number;
  database: DatabaseHealthView;
  /** @example true */
  redisReachable: boolean;
  /** The state of the background work. If one indicator is not healthy, the status is `degraded`. */
  indicators: IndicatorView[];
  /** The resident memory of the process in bytes. @example 120000000 */
  rssBytes: number;
}

export class ModuleHealthView {
  /** @example AppointmentsModule */
  name: string;
  /** @example ok */
  status: string;
}
