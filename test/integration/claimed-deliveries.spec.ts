import { performance } from 'node:perf_hooks';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import type { ChannelName } from '../../src/modules/notifications/channels/channel.js';
import {
  DeliveriesRepository,
  LEASE_SECONDS,
  type Delivery,
} from '../../src/modules/notifications/deliveries.repository.js';
import { DeliveryLease } from '../../src/modules/notifications/delivery-batch.js';
import { NOTIFICATION_NOTE } from '../../src/modules/notifications/index.js';
import { MessageRenderer } from '../../src/modules/notifications/message-renderer.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { openClinic, type TestClinic } from '../support/clinic.js';
import { encrypted } from '../support/encrypted.js';

/** What a process does with a delivery that it has claimed. No job runs by itself, so nobody else claims it. */

let app: TestApp;
let clinic: TestClinic;
let patient: TestPatient;
let deliveries: DeliveriesRepository;
const leases: DeliveryLease[] = [];

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app);
  patient = await app.patient();
  deliveries = app.app.get(DeliveriesRepository, { strict: false });
});

afterAll(() => app?.close());

afterEach(() => leases.splice(0).forEach((lease) => lease.end()));

/** Inserts a message that is due, and claims it. */
async function claim(channel: ChannelName): Promise<Delivery> {
  const id = newId();
  await app.db.query(
    `INSERT INTO notification (id, user_id, clinic_id, kind, channel, note, due_at, next_attempt_at)
     VALUES ($1, $2, $3, 'MESSAGE_FROM_CLINIC', $4, $5, now(), now())`,
    [id, patient.userId, clinic.id, channel, encrypted(app, NOTIFICATION_NOTE, 'Bring your card.', id)],
  );
  const [delivery] = await deliveries.claim(channel, 1);
  expect(delivery).toMatchObject({ id, channel, attempts: 1 });
  return delivery as Delivery;
}

/** @param secondsAgo when the claim was sent */
function leaseOf(delivery: Delivery, secondsAgo: number): DeliveryLease {
  const lease = new DeliveryLease(deliveries, [delivery], performance.now() - secondsAgo * 1000);
  leases.push(lease);
  return lease;
}

test('a lease holds its delivery until the result of the delivery is saved', async () => {
  const delivery = await claim('EMAIL');
  const lease = leaseOf(delivery, 0);
  expect(lease.holds(delivery)).toBe(true);
  lease.release(delivery);
  expect(lease.holds(delivery)).toBe(false);
});

test('a lease has ended if the claim took as long as a lease lasts', async () => {
  const delivery = await claim('EMAIL');
  expect(leaseOf(delivery, LEASE_SECONDS).holds(delivery)).toBe(false);
});

test('only a push contains data for the app', async () => {
  const renderer = app.app.get(MessageRenderer, { strict: false });
  const render = async (channel: ChannelName) => renderer.renderMessage(await claim(channel), undefined);
  const [push, sms, mail] = [await render('PUSH'), await render('SMS'), await render('EMAIL')];
  expect(push.data).toEqual({ kind: 'MESSAGE_FROM_CLINIC' });
  expect(mail.text).toContain('Bring your card.');
  for (const { text } of [push, sms]) expect(text).toContain('You have a message from');
  for (const message of [sms, mail]) expect(message).not.toHaveProperty('data');
});
