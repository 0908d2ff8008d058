import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { allInOrder } from '../../core/kernel/all-in-order.js';
import type { Actor } from '../../core/security/actor.js';
import { tooManyUpcoming } from './appointment.errors.js';

/**
 * How many appointments to come a patient may hold at a clinic by booking them itself: the clinic's policy
 * `maxUpcomingPerClient`. The desk is not bound by it.
 */
@Injectable()
export class UpcomingLimit {
  constructor(private readonly db: Database) {}

  /**
   * In the booking's transaction, begun together with the booking's own statements: then these go out with them and
   * cost no round trip. The patient's bookings at one clinic wait for each other here, so that none is miscounted.
   * @throws DomainError SLOT_NOT_OFFERED with `details.reason: "TOO_MANY_UPCOMING"`
   */
  async assertRoom(actor: Actor, clinicId: string): Promise<void> {
    if (actor.role !== 'CLIENT') return;
    const own = [actor.clientId, clinicId];
    const [, upcoming] = await allInOrder(
      this.db.rows(LOCK, own),
      this.db.row<{ held: number; most: number | null }>(UPCOMING, own),
    );
    if (upcoming?.most && upcoming.held >= upcoming.most) throw tooManyUpcoming(upcoming.most);
  }
}

const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended($1::text || $2::text, 7242))`;

// A statement of its own: it must see what was committed while the lock was waited for.
const UPCOMING = `
  SELECT c.max_upcoming_per_client AS most,
         (SELECT count(*)::int FROM appointment a
          WHERE a.client_id = $1::uuid AND a.clinic_id = c.id AND a.start_at > now()
            AND a.status IN ('PENDING', 'CONFIRMED')) AS held
  FROM clinic c WHERE c.id = $2::uuid`;
