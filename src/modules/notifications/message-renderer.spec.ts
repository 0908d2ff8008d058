import { expect, it } from '@jest/globals';
import { loadConfig } from '../../core/config/config.js';
import { ClinicMessages } from './clinic-messages.js';
import type { Delivery } from './deliveries.repository.js';
import { LinkTokens } from './link-tokens.js';
import { MessageRenderer } from './message-renderer.js';
import { Templates } from './templates/templates.js';

const NOW = Date.UTC(2026, 9, 1);
const clock = { now: () => NOW };
const config = loadConfig({
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://localhost/x',
  REDIS_URL: 'redis://localhost',
  JWT_SECRET: 'q8Zr1vKx0LmN4tYw7PbE2sHd9GjCfUaV',
});
/** A message without a clinic and an appointment uses neither of them. */
const unused = {} as never;
const renderer = new MessageRenderer(
  new Templates(config, clock),
  new ClinicMessages(unused, unused, unused),
  new LinkTokens(config, clock),
  unused,
  unused,
);
const delivery = {
  id: 'd1',
  userId: 'u1',
  clinicId: null,
  appointmentId: null,
  kind: 'MESSAGE_FROM_CLINIC',
  readNote: () => 'Please bring your card.',
  notifiedVersions: null,
  now: new Date(NOW),
  recipientName: 'Amina',
  locale: 'en',
  timeZone: 'UTC',
} as unknown as Delivery;

it('only a push contains data for the app', async () => {
  const render = (channel: Delivery['channel']) => renderer.renderMessage({ ...delivery, channel }, undefined);
  expect((await render('PUSH')).data).toEqual({ kind: 'MESSAGE_FROM_CLINIC' });
  expect(await render('SMS')).not.toHaveProperty('data');
  expect(await render('EMAIL')).not.toHaveProperty('data');
});
