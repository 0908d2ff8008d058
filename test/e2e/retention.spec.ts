import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { RetentionSettings } from '../../src/core/config/retention-settings.js';
import { SessionsRepository } from '../../src/modules/auth/sessions.repository.js';
import { RetentionService, type RetentionResult } from '../../src/modules/privacy/retention.service.js';
import { builtPath } from '../../tools/test-build.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { aService, at, openClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { allPublished } from '../support/outbox.js';
import { SettableClock } from '../support/settable-clock.js';

/** A test starts several processes, one after the other. */
jest.setTimeout(120_000);

const DAY = 86_400_000;
const ALL: RetentionSettings = {
  ...{ RETENTION_MESSAGE_DAYS: 100, RETENTION_VISIT_TEXT_DAYS: 100, RETENTION_SCAN_DAYS: 100 },
  ...{ RETENTION_ASSESSMENT_DAYS: 100, RETENTION_EMERGENCY_REASON_DAYS: 100, RETENTION_INACTIVE_PATIENT_DAYS: 100 },
};
const clock = new SettableClock();

let app: TestApp;
let folder: string;
let patient: TestPatient;
let visitId: string;

beforeAll(async () => {
  app = await TestApp.start({}, undefined, clock);
  folder = await mkdtemp(join(tmpdir(), 'privacy-'));
  const clinic = await openClinic(app);
  const serviceId = await aService(app, clinic);
  patient = await app.patient();
  const body = { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(20), notes: 'Migraine.' };
  visitId = (await app.call('POST', '/api/v1/appointments', { token: patient.token, body })).data.id;
  await app.call('POST', '/api/v1/ai/stroke-assessment', { token: patient.token, body: { symptoms: { face: true } } });
  await app.db.query(
    `INSERT INTO notification (id, user_id, kind, channel, state, due_at, next_attempt_at)
     SELECT uuid7(), $1, 'MESSAGE_FROM_CLINIC', 'IN_APP', 'SENT', now(), now() FROM generate_series(1, 700)`,
    [patient.userId],
  );
  await app.db.query(
    `WITH study AS (
       INSERT INTO scan_set (id, client_id, uploaded_by, study_instance_uid) VALUES (uuid7(), $1, $2, '1.2') RETURNING id
     ), analysis AS (
       INSERT INTO scan_analysis (id, scan_set_id, state, requested_by) SELECT uuid7(), id, 'NOT_AVAILABLE', $2 FROM study
     )
     INSERT INTO scan (id, scan_set_id, client_id, uploaded_by, format, original_bytes, original_sha256, total_bytes, renditions,
                       width, height, bit_depth, channels, frames, patient_mismatch, kind)
     SELECT uuid7(), id, $1::uuid, $2::uuid, 'PNG', 1, 'x', 1, '{}', 1, 1, 8, 1, 1, 'NOT_CHECKED', 'XRAY' FROM study`,
    [patient.clientId, patient.userId],
  );
  await app.db.query(
    `INSERT INTO break_glass (id, client_id, user_id, role, clinic_ids, reason, opened_at, expires_at)
     VALUES (uuid7(), $1, $2, 'STAFF', '{}', 'x', now(), now())`,
    [patient.clientId, patient.userId],
  );
  await allSent();
});

/** Waits for the messages about the visit: one that is sent while retention runs would be due only for the next run. */
async function allSent(): Promise<void> {
  await allPublished(app);
  // At some hours, reminders of the demo data are due soon.
  await app.db.query('DELETE FROM planned_notification WHERE appointment_id <> $1', [visitId]);
  await eventually(async () => {
    expect(await count(`planned_notification WHERE due_at < now() + interval '1 hour'`)).toBe(0);
    expect(
      await count(`notification WHERE state IN ('PENDING', 'SENDING') AND due_at < now() + interval '1 hour'`),
    ).toBe(0);
  });
}

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

const setDays = (days: number): void => clock.set(new Date(Date.now() + days * DAY).toISOString());

const run = (settings: RetentionSettings, isDryRun = false): Promise<RetentionResult[]> =>
  app.app.get(RetentionService, { strict: false }).run(settings, { isDryRun });

const counts = (results: RetentionResult[]): Record<string, number> =>
  Object.fromEntries(results.map(({ name, count }) => [name, count]));

async function count(sql: string): Promise<number> {
  return (await app.db.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`)).rows[0]?.n ?? -1;
}

/** Makes it nine years that anything of these accounts changed, and deletes their sessions. */
async function makeIdle(ids: string[]): Promise<void> {
  await app.db.query(`UPDATE client SET updated_at = now() - interval '9 years' WHERE user_id = ANY ($1)`, [ids]);
  await app.db.query(
    `UPDATE user_account SET created_at = now() - interval '9 years', updated_at = now() - interval '9 years' WHERE id = ANY ($1)`,
    [ids],
  );
  await app.db.query('DELETE FROM session WHERE user_id = ANY ($1)', [ids]);
}

/** Runs a built command. */
function command(
  file: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const environment = { PATH: process.env.PATH, DATABASE_URL: app.environment.DATABASE_URL, NODE_ENV: 'test', ...env };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [builtPath(file), ...args],
      { env: environment, timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

type SixPatients = [TestPatient, TestPatient, TestPatient, TestPatient, TestPatient, TestPatient];

const NOTHING = {
  messages: 0,
  'visit-texts': 0,
  'queue-reasons': 0,
  'referral-reasons': 0,
  scans: 0,
  'stroke-assessments': 0,
  'emergency-access-reasons': 0,
  'inactive-patients': 0,
};

describe('retention', () => {
  it('deletes nothing without a period, and nothing before it has passed', async () => {
    setDays(5_000);
    expect(counts(await run({}))).toEqual(NOTHING);
    setDays(99);
    expect(counts(await run({ ...ALL, RETENTION_INACTIVE_PATIENT_DAYS: undefined }))).toEqual(NOTHING);
  });

  it('only counts in a dry run', async () => {
    setDays(130);
    const found = counts(await run({ ...ALL, RETENTION_INACTIVE_PATIENT_DAYS: 36_000 }, true));
    expect(found).toMatchObject({ 'visit-texts': 1, scans: 1, 'stroke-assessments': 1, 'emergency-access-reasons': 1 });
    expect(found.messages).toBeGreaterThanOrEqual(700);
    expect(await count(`appointment WHERE id = '${visitId}' AND notes IS NOT NULL`)).toBe(1);
    expect(await count('stroke_assessment')).toBe(1);
  });

  it('deletes each class after its period, in batches, and records the counts (P-12)', async () => {
    setDays(130);
    const done = counts(await run({ ...ALL, RETENTION_INACTIVE_PATIENT_DAYS: 36_000 }));
    expect(done.messages).toBeGreaterThanOrEqual(700);
    expect(await count(`notification WHERE kind = 'MESSAGE_FROM_CLINIC' AND state = 'SENT'`)).toBe(0);
    expect(await count(`appointment WHERE id = '${visitId}' AND notes IS NULL`)).toBe(1);
    expect(await count('stroke_assessment')).toBe(0);
    expect(
      await count(`scan WHERE client_id = '${patient.clientId}' AND (deleted_at IS NULL OR kind IS NOT NULL)`),
    ).toBe(0);
    expect(await count(`scan_set WHERE deleted_at IS NULL OR study_instance_uid <> ''`)).toBe(0);
    expect(await count('scan_analysis')).toBe(0);
    expect(await count('break_glass WHERE reason IS NOT NULL')).toBe(0);
    const { rows } = await app.db.query(`SELECT changes FROM audit_log WHERE action = 'retention.applied'`);
    expect(rows).toMatchObject([{ changes: { 'visit-texts': 1, scans: 1 } }]);
    expect(counts(await run({ ...ALL, RETENTION_INACTIVE_PATIENT_DAYS: 36_000 }))).toEqual(NOTHING);
  });

  it('erases patients without any activity, and nobody else', async () => {
    const [idle, active, imaged] = (await app.patients(3)) as [TestPatient, TestPatient, TestPatient];
    const ids = [idle.userId, active.userId, imaged.userId];
    await app.db.query(`UPDATE client SET updated_at = now() - interval '9 years' WHERE user_id = ANY ($1)`, [ids]);
    // Uploaded by the clinic.
    await app.db.query(
      `INSERT INTO scan (id, client_id, uploaded_by, format, original_bytes, original_sha256, total_bytes, renditions, width, height,
                         bit_depth, channels, frames, patient_mismatch)
       VALUES (uuid7(), $1, $2, 'PNG', 1, 'x', 1, '{}', 1, 1, 8, 1, 1, 'NOT_CHECKED')`,
      [imaged.clientId, active.userId],
    );
    await app.db.query(
      `UPDATE user_account SET created_at = now() - interval '9 years', updated_at = now() - interval '9 years' WHERE id = ANY ($1)`,
      [ids],
    );
    await app.db.query(`UPDATE session SET last_used_at = now() - interval '9 years' WHERE user_id = ANY ($1)`, [
      [idle.userId, imaged.userId],
    ]);
    setDays(0);
    const settings = { RETENTION_INACTIVE_PATIENT_DAYS: 8 * 365 };
    expect(counts(await run(settings, true))['inactive-patients']).toBe(1);
    expect(counts(await run(settings))['inactive-patients']).toBe(1);
    const { rows } = await app.db.query('SELECT id, email IS NULL AS erased FROM user_account WHERE id = ANY ($1)', [
      ids,
    ]);
    expect(rows).toEqual(
      expect.arrayContaining([
        { id: idle.userId, erased: true },
        { id: active.userId, erased: false },
        { id: imaged.userId, erased: false },
      ]),
    );
    const audited = await app.db.query(
      `SELECT changes FROM audit_log WHERE action = 'user.erased' AND object_id = $1`,
      [idle.userId],
    );
    expect(audited.rows).toEqual([{ changes: { clientIds: [idle.clientId] } }]);
  });

  it('keeps a guardian who was just linked to a child, the child, and a guardian whose child had a visit', async () => {
    const people = (await app.patients(4)) as [TestPatient, TestPatient, TestPatient, TestPatient];
    const [linked, oldParent, idleParent, child] = people;
    const ids = people.map(({ userId }) => userId);
    await makeIdle(ids);
    const link = (guardian: TestPatient, clientId: string, age: string): Promise<unknown> =>
      app.db.query(
        `INSERT INTO guardian (id, client_id, guardian_id, clinic_id, created_at)
         SELECT uuid7(), $1, $2, clinic_id, now() - $3::interval FROM appointment WHERE id = $4`,
        [clientId, guardian.clientId, age, visitId],
      );
    await link(linked, child.clientId, '1 day');
    await link(oldParent, patient.clientId, '8 years 11 months');
    await link(idleParent, child.clientId, '8 years 11 months');
    setDays(0);
    expect(counts(await run({ RETENTION_INACTIVE_PATIENT_DAYS: 8 * 365 }))['inactive-patients']).toBe(1);
    const { rows } = await app.db.query('SELECT id FROM user_account WHERE id = ANY ($1) AND email IS NULL', [ids]);
    expect(rows).toEqual([{ id: idleParent.userId }]);
  });

  it('keeps patients whom a clinic queued, put on the waitlist, referred or holds a slot for, and their guardians', async () => {
    const people = await app.patients(6);
    const [idle, queued, waiting, referred, held, parent] = people as SixPatients;
    const ids = people.map(({ userId }) => userId);
    await makeIdle(ids);
    const insert = (sql: string, { clientId }: TestPatient): Promise<unknown> =>
      app.db.query(`${sql} FROM appointment a WHERE a.id = $2`, [clientId, visitId]);
    await insert(
      `INSERT INTO queue_entry (id, clinic_id, client_id, doctor_id, service_id, day, number, arrived_at)
       SELECT uuid7(), a.clinic_id, $1, a.doctor_id, a.service_id, current_date, 1, now()`,
      queued,
    );
    await insert(
      `INSERT INTO waitlist_entry (id, clinic_id, client_id, service_id, from_day, to_day, ends_at)
       SELECT uuid7(), a.clinic_id, $1, a.service_id, current_date, current_date, now()`,
      waiting,
    );
    await insert(
      `INSERT INTO referral (id, clinic_id, client_id, service_id, valid_from, valid_to)
       SELECT uuid7(), a.clinic_id, $1, a.service_id, current_date, current_date`,
      referred,
    );
    await insert(
      `INSERT INTO hold (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, expires_at, created_at)
       SELECT uuid7(), a.clinic_id, $1, a.doctor_id, a.service_id, now(), now() + interval '1 hour', now(), now()`,
      held,
    );
    await app.db.query(
      `INSERT INTO guardian (id, client_id, guardian_id, clinic_id, created_at)
       SELECT uuid7(), $1, $2, clinic_id, now() - interval '8 years 11 months' FROM appointment WHERE id = $3`,
      [queued.clientId, parent.clientId, visitId],
    );
    setDays(0);
    expect(counts(await run({ RETENTION_INACTIVE_PATIENT_DAYS: 8 * 365 }))['inactive-patients']).toBe(1);
    const { rows } = await app.db.query('SELECT id FROM user_account WHERE id = ANY ($1) AND email IS NULL', [ids]);
    expect(rows).toEqual([{ id: idle.userId }]);
  });

  it('keeps a record that was merged into that of an active patient', async () => {
    const [active, merged] = (await app.patients(2)) as [TestPatient, TestPatient];
    await app.db.query('UPDATE client SET merged_into_id = $1 WHERE id = $2', [active.clientId, merged.clientId]);
    await app.db.query(
      `UPDATE user_account SET created_at = now() - interval '9 years', updated_at = now() - interval '9 years' WHERE id = $1`,
      [merged.userId],
    );
    await app.db.query('DELETE FROM session WHERE user_id = $1', [merged.userId]);
    setDays(0);
    expect(counts(await run({ RETENTION_INACTIVE_PATIENT_DAYS: 8 * 365 }))['inactive-patients']).toBe(0);
    expect(await count(`user_account WHERE id = '${merged.userId}' AND email IS NOT NULL`)).toBe(1);
  });

  it('counts the last use of a session that ended long ago', async () => {
    const { userId } = await app.patient();
    await app.db.query(
      `UPDATE user_account SET created_at = now() - interval '2 years', updated_at = now() - interval '2 years' WHERE id = $1`,
      [userId],
    );
    await app.db.query(
      `WITH aged AS (UPDATE client SET updated_at = now() - interval '2 years' WHERE user_id = $1)
       UPDATE session SET last_used_at = now() - interval '100 days', revoked_at = now() - interval '100 days', ip = '192.0.2.1'
       WHERE user_id = $1`,
      [userId],
    );
    setDays(0);
    await app.app.get(SessionsRepository, { strict: false }).deleteEnded(90);
    expect(await count(`session WHERE user_id = '${userId}' AND ip IS NULL`)).toBe(1);
    expect(counts(await run({ RETENTION_INACTIVE_PATIENT_DAYS: 365 }, true))['inactive-patients']).toBe(0);
    expect(counts(await run({ RETENTION_INACTIVE_PATIENT_DAYS: 99 }, true))['inactive-patients']).toBe(1);
  });
});

describe('the commands', () => {
  it('print what retention would delete, and refuse unknown options', async () => {
    const result = await command('src/retention.ts', ['--dry-run'], { RETENTION_SCAN_DAYS: '30' });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('scans: 0 would be deleted, after 30 days\n');
    expect(result.stdout).toContain('messages: kept\n');
    expect(await command('src/retention.ts', ['--now'])).toMatchObject({ code: 1, stdout: '' });
    expect((await command('src/retention.ts', [], { RETENTION_SCAN_DAYS: '0' })).stderr).toContain(
      'RETENTION_SCAN_DAYS',
    );
  });

  it('list erasures, and replay them in a database that was restored from an older backup (P-10)', async () => {
    const person = await app.patient();
    const file = join(folder, 'erasures.txt');
    await writeFile(file, `${person.userId} 2026-11-29T09:00:00.000Z\n`);
    expect(await command('src/erasures.ts', ['--replay', file])).toMatchObject({
      code: 0,
      stderr: '1 erasures replayed\n',
    });
    const { rows } = await app.db.query('SELECT email, first_name FROM user_account WHERE id = $1', [person.userId]);
    expect(rows).toEqual([{ email: null, first_name: 'Erased' }]);
    const listed = await command('src/erasures.ts', ['--list']);
    expect(listed.stdout).toContain(`${person.userId} 2026-11-29T09:00:00.000Z\n`);
    await writeFile(file, 'no id\n');
    expect(await command('src/erasures.ts', ['--replay', file])).toMatchObject({ code: 1 });
  });

  it('erase a merged account also in a backup that is older than the merge', async () => {
    const [person, merged] = (await app.patients(2)) as [TestPatient, TestPatient];
    await app.db.query('UPDATE client SET merged_into_id = $1 WHERE id = $2', [person.clientId, merged.clientId]);
    const file = join(folder, 'erasures-of-merged.txt');
    await writeFile(file, `${person.userId} 2026-11-29T09:00:00.000Z\n`);
    await command('src/erasures.ts', ['--replay', file]);
    const { stdout } = await command('src/erasures.ts', ['--list']);
    // As in the backup: not merged yet.
    await app.db.query('UPDATE client SET merged_into_id = NULL WHERE id = $1', [merged.clientId]);
    await app.db.query(`UPDATE user_account SET first_name = 'Zenobia' WHERE id = $1`, [merged.userId]);
    await writeFile(file, stdout);
    expect(await command('src/erasures.ts', ['--replay', file])).toMatchObject({ code: 0 });
    const { rows } = await app.db.query('SELECT first_name FROM user_account WHERE id = $1', [merged.userId]);
    expect(rows).toEqual([{ first_name: 'Erased' }]);
  });
});
