import { newId } from '../../../src/core/kernel/id.js';
import { eventually } from '../../support/eventually.js';
import type { Fault as ProviderFault } from '../../support/fake-provider.js';
import type { SmtpFault } from '../../support/smtp-sink.js';
import type { Fault } from '../fault.js';

const HTTP_FAULTS: readonly ProviderFault[] = [
  { status: 500 },
  { status: 503 },
  { status: 429, headers: { 'retry-after': '1' } },
  ...(['RESET', 'RESET_AFTER_ACCEPT', 'HANG', 'HANG_AFTER_ACCEPT', 'NOT_JSON', 'DRIP'] as const),
];

const SMTP_FAULTS: readonly SmtpFault[] = [
  { at: 'RCPT', code: 450, message: '4.2.0 Later' },
  { at: 'DATA', code: 451, message: '4.3.0 Later' },
  { at: 'DATA', code: 421, message: '4.3.2 Closing' },
  ...(['RESET_AFTER_ACCEPT', 'HANG', 'HANG_AFTER_ACCEPT'] as const),
];

const EACH = 8;

export const providersFail: Fault = {
  ...{ id: 19, title: 'mail, SMS and payment providers fail in all ways', runs: 2, lasts: [8_000, 12_000] },
  inject: async ({ smtp, twilio, razorpay }, random) => {
    for (let n = 0; n < EACH; n += 1) {
      smtp.faults.push(random.pick(SMTP_FAULTS) as SmtpFault);
      twilio.faults.push(random.pick(HTTP_FAULTS) as ProviderFault);
      razorpay.faults.push(random.pick(HTTP_FAULTS) as ProviderFault);
    }
  },
  during: (_world, load) => load.waitForAcknowledged(5),
  heal: async ({ smtp, twilio, razorpay }) => {
    for (const provider of [smtp, twilio, razorpay]) provider.faults.length = 0;
  },
};

let poison = '';

/** An event that its consumer cannot read: a message without its account, its kind and a valid channel. */
export const poisonedEvent: Fault = {
  ...{ id: 20, title: 'an event that always fails', runs: 1, lasts: [1_000, 2_000] },
  notInSoak: 'it waits for the second attempt of the event',
  inject: async (world) => {
    poison = newId();
    await world.rows(
      `INSERT INTO outbox (id, event, aggregate_id, payload) VALUES ($1, 'account:message-requested', $2, '{"channel": 1}')`,
      ...[poison, newId()],
    );
  },
  during: (_world, load) => load.waitForAcknowledged(10),
  heal: async (world) => {
    await eventually(async () => {
      const [row] = await world.rows<{ attempts: number }>('SELECT attempts FROM outbox WHERE id = $1', poison);
      if ((row?.attempts ?? 0) < 2) throw new Error('the event that must fail was not tried twice');
    });
    await world.rows('DELETE FROM outbox WHERE id = $1', poison);
  },
};
