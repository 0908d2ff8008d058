import { getQueueToken } from '@nestjs/bull';
import type { Queue } from 'bull';
import { HoldsRepository } from '../../src/modules/appointments/holds.repository.js';
import { NotificationPlanner } from '../../src/modules/notifications/notification-planner.js';
import { WAITLIST_QUEUE } from '../../src/modules/waitlist/offer-closing.js';
import { WaitlistWorker } from '../../src/modules/waitlist/waitlist-worker.js';
import { eventually } from '../support/eventually.js';
import type { World } from './world.js';

/** Work that is left: events, planned notifications, freed times and offers that are over. */
const UNFINISHED = `
  SELECT (SELECT count(*)::int FROM outbox WHERE published_at IS NULL) AS events,
         (SELECT count(*)::int FROM planned_notification WHERE due_at <= now()) AS notices,
         (SELECT count(*)::int FROM waitlist_time WHERE clinic_id = $1 AND is_pending AND end_at > to_timestamp($2 / 1000.0))
       + (SELECT count(*)::int FROM waitlist_offer WHERE clinic_id = $1 AND state = 'OPEN' AND expires_at <= to_timestamp($2 / 1000.0)) AS times`;

/** Lets the background work finish: expired holds and offers end, freed times are offered, and messages are planned. */
export async function settle({ app, clinic, now }: World): Promise<void> {
  const { app: modules } = app;
  await modules.get(HoldsRepository, { strict: false }).endExpired(new Date(now));
  await eventually(async () => {
    await modules.get(WaitlistWorker, { strict: false }).run(clinic.id);
    await modules.get(NotificationPlanner, { strict: false }).createDueDeliveries();
    const { rows } = await app.db.query<Record<string, number>>(UNFINISHED, [clinic.id, now]);
    if (Object.values(rows[0] ?? {}).some((count) => count > 0)) throw new Error(`left: ${JSON.stringify(rows[0])}`);
  });
}

/** Of several times that are freed one after the other, the worker would offer the first it sees: with this, all of them are there first. */
export function offerOnlyWhenSettling({ app }: World): Promise<void> {
  return app.app.get<Queue>(getQueueToken(WAITLIST_QUEUE), { strict: false }).pause(true);
}
