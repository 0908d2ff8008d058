/** An event that failed too often and is no longer retried automatically. */
export class ParkedEventView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** @example appointment:created */
  event: string;
  /** The id of the object that the event is about, such as the appointment. */
  aggregateId: string;
  clinicId: string | null;
  /** @example 10 */
  attempts: number;
  /** The class of the last error, without data. @example TypeError */
  lastError: string | null;
  occurredAt: Date;
  parkedAt: Date;
}
