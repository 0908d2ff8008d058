import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { builtPath } from '../../tools/test-build.js';
import { TestApp } from '../support/app.js';
import { createAccount } from '../support/clinic.js';
import { eventually, within } from '../support/eventually.js';

jest.setTimeout(1_200_000);

const PEOPLE = 2_000;
const ADMIN = 'killed@admin.test';
const FINISH_WITHIN_MILLISECONDS = 400_000;

let app: TestApp;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-legacy-kills-'));
  app = await TestApp.start();
  await createAccount(app, 'ADMIN', { email: ADMIN });
  const ids = Array.from({ length: PEOPLE }, (_, index) => index + 1);
  const users = ids.map((id) => ({ id, email: `p${id}@kills.example`, name: `Patient ${id}`, password: '' }));
  const doctors = [{ id: 1, name: 'Dr. Laila Mansour', specialty: 'Neurology' }];
  const bookings = ids.map((id) => ({ id, userId: id, doctorId: 1, ...place(id), status: 'completed' }));
  await writeFile(join(folder, 'users.json'), JSON.stringify(users));
  await writeFile(join(folder, 'db.json'), JSON.stringify({ doctors, bookings }));
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

const place = (id: number): { date: string; time: string } => ({
  date: new Date(Date.UTC(2020, 0, 1 + id)).toISOString().slice(0, 10),
  time: '10:00',
});

function start(): ChildProcess {
  const report = join(folder, 'migration-report.json');
  const options = ['--from', folder, '--create-clinic', 'Kills', '--as', ADMIN, '--report', report];
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...app.environment };
  return execFile(process.execPath, [builtPath('src/migrate-legacy.ts'), ...options], { env });
}

async function records(kind: string): Promise<number> {
  const { rows } = await app.db.query('SELECT count(*)::int AS n FROM legacy_record WHERE kind = $1', [kind]);
  return rows[0].n;
}

/** Each run is killed when so many rows of the kind are migrated. */
const KILLS: [kind: string, rows: number][] = [
  ['user', PEOPLE * 0.2],
  ['user', PEOPLE * 0.7],
  ['visit', PEOPLE * 0.3],
];

async function runUntilKilled(kind: string, enough: number): Promise<void> {
  const child = start();
  const ended = once(child, 'exit');
  await eventually(async () => expect(await records(kind)).toBeGreaterThanOrEqual(enough), FINISH_WITHIN_MILLISECONDS);
  child.kill('SIGKILL');
  await within('the end of a killed migration', ended);
  expect(child.signalCode).toBe('SIGKILL');
}

it('goes on after kills where it was, and migrates each row once', async () => {
  for (const [kind, rows] of KILLS) await runUntilKilled(kind, rows);
  const child = start();
  let output = '';
  child.stdout?.on('data', (text: string) => (output += text));
  const [code] = await within('the end of the migration', once(child, 'exit'), FINISH_WITHIN_MILLISECONDS);
  expect(code).toBe(0);
  const { counts } = JSON.parse(await readFile(join(folder, 'migration-report.json'), 'utf8'));
  expect(counts.user).toEqual({ UNCHANGED: PEOPLE });
  expect(counts.visit.CREATED + counts.visit.UNCHANGED).toBe(PEOPLE);
  expect(output).toContain(`user: ${PEOPLE} unchanged`);
  const { rows } = await app.db.query(
    `SELECT count(*)::int AS visits, count(DISTINCT client_id)::int AS patients FROM appointment a
     WHERE doctor_id = (SELECT target_id FROM legacy_record WHERE kind = 'doctor')`,
  );
  expect(rows).toEqual([{ visits: PEOPLE, patients: PEOPLE }]);
});
