/** An event that failed too often to be tried again by itself. */
export class ParkedEventView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** @example appointment:created */
  event: string;
  /** What it is of: the appointment, for one. */
  aggregateId: string;
  clinicId: string | null;
  /** @example 10 */
  attempts: number;
  /** The kind of error, without its data. @example TypeError */
  lastError: string | null;
  occurredAt: Date;
  parkedAt: Date;
}
