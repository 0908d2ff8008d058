import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { AccountMails } from '../support/account-mails.js';
import { createMaker } from '../support/api-keys.js';
import { TestApp } from '../support/app.js';
import { openClinic } from '../support/clinic.js';
import { changeContacts } from '../support/encrypted.js';
import { SmtpSink } from '../support/smtp-sink.js';

let smtp: SmtpSink;
let app: TestApp;

beforeAll(async () => {
  smtp = await new SmtpSink().start();
  app = await TestApp.start({ SMTP_URL: smtp.url(), JOBS_SWEEP_SECONDS: '1' });
});

afterAll(async () => {
  await app.close();
  await smtp.close();
});

it('the maker of an API key gets a mail about it, without the key', async () => {
  const clinic = await openClinic(app);
  const { userId, token } = await createMaker(app, [clinic.id]);
  await changeContacts(app, userId, { email: `${userId}@makers.test` });
  const body = { name: 'Self check-in', permissions: ['appointment:read'], clinicIds: [clinic.id] };
  const { status, data } = await app.call('POST', '/api/v1/api-keys', { token, body });
  expect(status).toBe(201);
  const text = await new AccountMails(app, smtp).text(
    `${userId}@makers.test`,
    'An API key was created with your account',
  );
  expect(text).toContain('revoke the key');
  expect(text).not.toContain(data.key.slice(-43));
});
