import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/core/config/config.js';
import { Database } from '../../src/core/database/database.js';
import type { Actor } from '../../src/core/kernel/actor.js';
import { newId } from '../../src/core/kernel/id.js';
import { LiveSessions } from '../../src/core/security/live-sessions.js';
import { MfaRequirements } from '../../src/core/security/mfa-requirements.js';
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

test('an older change of clinics or records that arrives later is ignored, also at the next start', async () => {
  const manager = await app.login('manager@careslot.test');
  const { data: user } = await app.call('GET', '/api/v1/auth/profile', { token: manager });
  const body = { name: 'Newest', timeZone: 'Africa/Cairo' };
  expect((await app.call('POST', '/api/v1/clinics', { token: manager, body })).status).toBe(201);
  const [sessions, sender] = [app.app.get(LiveSessions, { strict: false }), other.get(LiveSessions, { strict: false })];
  const announce = (work: () => Promise<void>): Promise<void> =>
    other.get(Database, { strict: false }).transaction(work);
  const current = sessions.getChangedClinics(user.id);
  const { rows } = await app.db.query('SELECT version FROM user_account WHERE id = $1', [user.id]);
  const { version } = rows[0];
  await announce(() => sender.announceClinics(user.id, ['old'], version - 1));
  const person = { userId: newId(), role: 'CLIENT', clinicIds: [] as string[], clientId: 'token' };
  await announce(() => sender.announceClient(person.userId, 'new', 8));
  await announce(() => sender.announceClient(person.userId, 'old', 7));
  // Messages arrive in the order of the commits.
  const last = newId();
  await announce(() => sender.announceClinics(last, ['last'], 1));
  await eventually(async () => expect(sessions.getChangedClinics(last)).toEqual(['last']));
  // In any order: a set of clinics.
  expect(sessions.getChangedClinics(user.id)?.toSorted()).toEqual(current?.toSorted());
  expect(sessions.withChanges(person as unknown as Actor).clientId).toBe('new');
  await announce(() => sender.announceClinics(user.id, ['newer'], version + 1));
  await eventually(async () => expect(sessions.getChangedClinics(user.id)).toEqual(['newer']));
  // A reload that read before the newer change.
  await announce(() => sender.announceReload());
  await announce(() => sender.announceClinics(last, ['after the reload'], 2));
  await eventually(async () => expect(sessions.getChangedClinics(last)).toEqual(['after the reload']));
  expect(sessions.getChangedClinics(user.id)).toEqual(['newer']);
});

test('only sessions that ended more than 90 days ago are deleted', async () => {
  await app.db.query(`DELETE FROM session`);
  for (const email of ['doctor', 'staff', 'manager']) await app.login(`${email}@careslot.test`);
  const { rows } = await app.db.query<{ id: string }>('SELECT id FROM session ORDER BY created_at');
  const [revoked, expired, open] = rows.map(({ id }) => id);
  await app.db.query(`UPDATE session SET revoked_at = now() - interval '91 days' WHERE id = $1`, [revoked]);
  await app.db.query(`UPDATE session SET expires_at = now() - interval '91 days' WHERE id = $1`, [expired]);
  await app.app.get(SessionsRepository, { strict: false }).deleteEnded(90);
  expect((await app.db.query('SELECT id FROM session')).rows).toEqual([{ id: open }]);
});

test('a process that starts knows what access tokens in use do not contain', async () => {
  const manager = await app.login('manager@careslot.test');
  const { data: user } = await app.call('GET', '/api/v1/auth/profile', { token: manager });
  const query = async <Row>(sql: string, values: unknown[] = []): Promise<Row[]> =>
    (await app.db.query(sql, values)).rows as Row[];
  const [session] = await query<{ id: string }>(
    `UPDATE session SET revoked_at = now() WHERE user_id = $1 RETURNING id`,
    [user.id],
  );
  await query('UPDATE user_account SET authorization_changed_at = now() WHERE id = $1', [user.id]);
  await query(
    `INSERT INTO mfa_factor (user_id, enabled_at, changed_at, secret) VALUES ($1, now(), clock_timestamp(), 'x')`,
    [user.id],
  );
  const [clinic] = await query<{ id: string }>(
    `UPDATE clinic SET mfa_required_roles = '{MANAGER}' WHERE id = $1 RETURNING id`,
    [user.clinicIds[0]],
  );
  const [client, duplicate] = await query<{ id: string; userId: string }>(
    `SELECT id, user_id AS "userId" FROM client WHERE merged_into_id IS NULL ORDER BY id LIMIT 2`,
  );
  await query(
    `INSERT INTO client_merge (id, client_id, duplicate_id, client_user_id, duplicate_user_id, moved) VALUES ($1, $2, $3, $4, $5, '{}')`,
    [newId(), client?.id, duplicate?.id, client?.userId, duplicate?.userId],
  );

  const started = await createApp(loadConfig(app.environment));
  try {
    await started.init();
    const sessions = started.get(LiveSessions, { strict: false });
    const mfa = started.get(MfaRequirements, { strict: false });
    const person: Actor = {
      ...{ userId: user.id, sessionId: newId(), clientId: null, doctorId: null },
      ...{ role: 'MANAGER', clinicIds: [clinic?.id ?? ''] },
    };
    await eventually(async () => expect(sessions.hasEnded(session?.id ?? '')).toBe(true));
    await eventually(async () => expect(sessions.getChangedClinics(user.id)).toContain(clinic?.id));
    const patient: Actor = { ...person, userId: client?.userId ?? '', role: 'CLIENT', clientId: 'token' };
    await eventually(async () => expect(sessions.withChanges(patient).clientId).toBe(client?.id));
    await eventually(async () => expect(mfa.isRequired(person)).toBe(true));
    await eventually(async () => expect(mfa.isMissing(person, false)).toBe(false));
    expect(mfa.isMissing({ ...person, userId: newId() }, false)).toBe(true);
  } finally {
    await started.close();
  }
});
