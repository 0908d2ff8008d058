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

export class IndicatorView {
  /** @example notifications */
  name: string;
  /** @example true */
  healthy: boolean;
  /** Plain figures, with their units in their names. @example {"lagSeconds":0.4,"deadLetters":0} */
  figures: Record<string, number>;
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
  /** The background work; one that is not healthy makes the whole degraded. */
  indicators: IndicatorView[];
  /** Bytes of memory in use. @example 120000000 */
  rssBytes: number;
}

export class ModuleHealthView {
  /** @example AppointmentsModule */
  name: string;
  /** @example ok */
  status: string;
}
