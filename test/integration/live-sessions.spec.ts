import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/core/config/config.js';
import { newId } from '../../src/core/kernel/id.js';
import { LiveSessions } from '../../src/core/security/live-sessions.js';
import { SessionsRepository } from '../../src/modules/auth/sessions.repository.js';
import { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';

let app: TestApp;
let other: NestExpressApplication;

beforeAll(async () => {
  app = await TestApp.start();
  other = await createApp(loadConfig(app.environment));
  await other.init();
});

afterAll(async () => {
  await other.close();
  await app.close();
});

test('another process learns the clinics of a user even if they do not fit into one NOTIFY', async () => {
  const manager = await app.login('manager@careslot.test');
  const { data: user } = await app.call('GET', '/api/v1/auth/profile', { token: manager });
  await app.db.query(
    `WITH chain AS (
       INSERT INTO clinic (id, name, time_zone)
       SELECT id, 'Chain', 'Africa/Cairo' FROM unnest($2::uuid[]) AS id RETURNING id
     ) INSERT INTO user_clinic (user_id, clinic_id) SELECT $1, id FROM chain`,
    [user.id, Array.from({ length: 300 }, () => newId())],
  );
  const body = { name: 'One more', timeZone: 'Africa/Cairo' };
  const { status, data: clinic } = await app.call('POST', '/api/v1/clinics', { token: manager, body });
  expect(status).toBe(201);
  const sessions = other.get(LiveSessions, { strict: false });
  await eventually(async () => expect(sessions.getChangedClinics(user.id)).toContain(clinic.id));
  expect(sessions.getChangedClinics(user.id)).toHaveLength(302);
});

test('only sessions that ended more than 90 days ago are deleted', async () => {
  await app.db.query(`DELETE FROM session`);
  for (const email of ['doctor', 'staff', 'manager']) await app.login(`${email}@careslot.test`);
  const { rows } = await app.db.query<{ id: string }>('SELECT id FROM session ORDER BY created_at');
  const [revoked, expired, open] = rows.map(({ id }) => id);
  await app.db.query(`UPDATE session SET revoked_at = now() - interval '91 days' WHERE id = $1`, [revoked]);
  await app.db.query(`UPDATE session SET expires_at = now() - interval '91 days' WHERE id = $1`, [expired]);
  await app.app.get(SessionsRepository, { strict: false }).deleteEndedBefore(90);
  expect((await app.db.query('SELECT id FROM session')).rows).toEqual([{ id: open }]);
});
