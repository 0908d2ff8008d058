import { mkdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { LocalDay, type Cell } from '../../src/core/spreadsheets/cell.js';
import { createXlsx } from '../../src/core/spreadsheets/xlsx-file.js';
import { BlobStore } from '../../src/core/storage/blob-store.js';
import { ImportSweep } from '../../src/modules/exchange/imports/import-sweep.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { SocketClient } from '../support/sockets.js';

let app: TestApp;
let cairo: TestClinic;

beforeAll(async () => {
  app = await TestApp.start();
  cairo = await openClinic(app, { timeZone: 'Africa/Cairo' });
}, 60_000);

afterAll(() => app.close());

interface ImportForm {
  kind?: string;
  clinic?: TestClinic;
  token?: string;
  dryRun?: boolean;
  mapping?: object;
  key?: string;
}

async function upload(file: string | Uint8Array, options: ImportForm = {}): Promise<Answer> {
  const { kind = 'clients', clinic = cairo, token = clinic.manager, dryRun, mapping, key } = options;
  const form = new FormData();
  form.append('kind', kind);
  form.append('clinicId', clinic.id);
  if (dryRun !== undefined) form.append('dryRun', String(dryRun));
  if (mapping) form.append('mapping', JSON.stringify(mapping));
  form.append('file', new Blob([file]), 'patients.csv');
  const headers = { authorization: `Bearer ${token}`, ...(key && { 'idempotency-key': key }) };
  const response = await fetch(`${app.url}/api/v1/imports`, { method: 'POST', headers, body: form });
  const body = (await response.json()) as any;
  return { status: response.status, headers: response.headers, body, data: body.data, code: body.error?.code };
}

const get = async (id: string, token = cairo.manager): Promise<any> =>
  (await app.call('GET', `/api/v1/imports/${id}`, { token })).data;

/** Waits until a dry run or an import has ended. */
const waitForEnd = (id: string, token = cairo.manager): Promise<any> =>
  eventually(async () => {
    const view = await get(id, token);
    expect(view.status).not.toMatch(/CHECKING|RUNNING/);
    return view;
  });

const start = (id: string, token = cairo.manager): Promise<Answer> =>
  app.call('POST', `/api/v1/imports/${id}/start`, { token });

/** Imports a file without a dry run. */
async function importFile(file: string | Uint8Array, options: ImportForm = {}): Promise<any> {
  const { status, body, data } = await upload(file, { dryRun: false, ...options });
  expect([status, body.error]).toEqual([201, undefined]);
  return waitForEnd(data.id as string, options.clinic?.manager);
}

const counts = ({ status, total, done, created, unchanged, failed }: any): object => ({
  ...{ status, total, done, created, unchanged, failed },
});

const findPatients = async (q: string, clinic = cairo): Promise<any[]> =>
  (await app.call('GET', `/api/v1/clients?q=${encodeURIComponent(q)}&clinicId=${clinic.id}`, { token: clinic.manager }))
    .data;

async function failedRows(id: string): Promise<{ file: string; rows: string[][] }> {
  const response = await fetch(`${app.url}/api/v1/imports/${id}/failed`, {
    headers: { authorization: `Bearer ${cairo.manager}` },
  });
  const file = await response.text();
  return { file, rows: parse(file, { bom: true }) };
}

const xlsx = (header: string[], rows: Cell[][]): Promise<Buffer> => {
  async function* batches(): AsyncGenerator<Cell[][], void> {
    yield await Promise.resolve(rows);
  }
  return buffer(createXlsx({ name: 'list', header, batches: batches() }));
};

describe('patients', () => {
  const FILE = [
    'الاسم الأول;اسم العائلة;رقم الموبايل;تاريخ الميلاد;النوع;رقم الملف',
    'منى;حسن;٠١٠٠١٢٣٤٥٦٧;٠٢/٠٤/١٩٨٨;أنثى;F-1',
    'Ali;Karim;0100 123 45 68;23/11/1990;M;F-2',
    ';Nobody;0100 123 45 69;31/02/1990;?;F-3',
    'Omar;Said;12;1/1/1950;M;F-1',
  ].join('\r\n');

  it('are checked first, and nothing changes', async () => {
    const { data, status } = await upload(FILE);
    expect([status, data.columns.map(({ field }: any) => field)]).toEqual([
      201,
      ['firstName', 'lastName', 'phone', 'dateOfBirth', 'sex', 'mrn'],
    ]);
    const checked = await waitForEnd(data.id as string);
    expect(counts(checked)).toEqual({ status: 'CHECKED', total: 4, done: 4, created: 2, unchanged: 0, failed: 2 });
    expect(checked.errors).toEqual([
      { row: 4, column: 'تاريخ الميلاد', code: 'VALIDATION_ERROR', message: 'must be a date, such as 2026-11-23' },
      { row: 4, column: 'النوع', code: 'VALIDATION_ERROR', message: expect.stringContaining('FEMALE, MALE') },
      { row: 4, column: 'الاسم الأول', code: 'VALIDATION_ERROR', message: expect.any(String) },
      { row: 5, column: 'رقم الموبايل', code: 'VALIDATION_ERROR', message: expect.stringContaining('telephone') },
    ]);
    expect(await findPatients('Karim')).toEqual([]);
    await app.call('DELETE', `/api/v1/imports/${data.id}`, { token: cairo.manager });
  });

  it('are imported once, and failed rows can be corrected', async () => {
    const sockets = await SocketClient.connected(app.url, cairo.staff);
    const { data } = await upload(FILE);
    await waitForEnd(data.id as string);
    expect((await start(data.id as string)).status).toBe(200);
    const done = await waitForEnd(data.id as string);
    expect(counts(done)).toEqual({ status: 'DONE', total: 4, done: 4, created: 2, unchanged: 0, failed: 2 });
    const progress = await sockets.waitFor('import:progress', (one) => one.importId === data.id && one.done === 4);
    expect(progress.data).toEqual({ importId: data.id, done: 4, total: 4, failed: 2 });
    sockets.close();
    const [mona] = await findPatients('01001234567');
    expect(mona).toMatchObject({
      firstName: 'منى',
      phone: '+201001234567',
      dateOfBirth: '1988-04-02',
      sex: 'FEMALE',
      mrn: 'F-1',
    });

    expect(counts(await importFile(FILE))).toMatchObject({ created: 0, unchanged: 2, failed: 2 });

    const { file, rows } = await failedRows(data.id as string);
    expect(rows.map((row) => row[5])).toEqual(['رقم الملف', 'F-3', 'F-1']);
    expect(rows[1]?.at(-1)).toContain('تاريخ الميلاد: must be a date');
    const corrected = file
      .replace('31/02/1990', '28/02/1990')
      .replace('?', 'F')
      .replace(',Nobody', 'No,Body')
      .replace('Said,12', 'Said,01001234570')
      .replace('F-1', 'F-4');
    expect(counts(await importFile(corrected))).toMatchObject({ created: 2, unchanged: 0, failed: 0 });
    expect(await findPatients('F-4')).toHaveLength(1);
  });

  it('get no invitation, and audit rows with the manager who imported them', async () => {
    const rows = await app.db.query(
      `SELECT l.actor_user_id, l.clinic_id, u.id AS user_id FROM audit_log l JOIN client c ON c.id = l.object_id
       JOIN user_account u ON u.id = c.user_id WHERE l.action = 'client.created' AND u.last_name = 'Karim'`,
    );
    expect(rows.rows).toHaveLength(1);
    const [{ actor_user_id: actor, clinic_id: clinicId, user_id: userId }] = rows.rows;
    expect(clinicId).toBe(cairo.id);
    expect((await app.db.query('SELECT role FROM user_account WHERE id = $1', [actor])).rows[0].role).toBe('MANAGER');
    const sent = await app.db.query('SELECT 1 FROM notification WHERE user_id = $1', [userId]);
    expect(sent.rows).toEqual([]);
  });

  it('and prices that failed have the same dates and currencies in the file of failed rows', async () => {
    const people = 'First name,Last name,DOB,Phone\nGood,Written,04/13/1988,\nBad,Written,03/04/1988,12\n';
    const { id } = await importFile(people);
    expect((await failedRows(id as string)).rows[1]?.slice(0, 4)).toEqual(['Bad', 'Written', '1988-03-04', '12']);
    const services = 'Service,Duration,Price\nLab,4,"1,500"\nMri,30,"1,250,000"\n';
    const done = await importFile(services, { kind: 'services', mapping: { currency: 'USD' } });
    expect((await failedRows(done.id as string)).rows[1]?.slice(0, 3)).toEqual(['Lab', '4', 'USD 1500.00']);
  });

  it('whom the front desk registered are found, and stay as they are', async () => {
    const body = {
      firstName: 'Layla',
      lastName: 'Fahmy',
      phone: '01009998877',
      clinicId: cairo.id,
      address: 'Nile Street',
    };
    await app.call('POST', '/api/v1/clients', { token: cairo.staff, body });
    const file = 'Name,Phone,Address\n"Fahmy, Láyla",+20 100 999 8877,Other Street\n';
    expect(counts(await importFile(file))).toMatchObject({ created: 0, unchanged: 1 });
    expect(await findPatients('Fahmy')).toMatchObject([{ address: 'Nile Street' }]);
  });

  it('with an id of the other system are found by it', async () => {
    const first = 'ID,First name,Last name\nX1,Ada,Byron\nX2,Ada,Byron\nX1,Ada,Lovelace\n';
    expect(counts(await importFile(first))).toMatchObject({ created: 2, unchanged: 1 });
    expect(counts(await importFile(first.replaceAll('Ada', 'Augusta')))).toMatchObject({ created: 0, unchanged: 3 });
  });

  it('who only share a name with a birth date, a telephone number or its words are several', async () => {
    const clinic = await openClinic(app, { timeZone: 'Africa/Cairo' });
    const file = [
      'ID,Name,Phone,DOB,MRN',
      '1,Mohamed Ahmed,01001110001,01/01/1980,M-1',
      '2,Mohamed Ahmed,01001110002,01/01/1980,M-2',
      '3,Ahmed Mohamed,01001110001,,M-3',
      '4,Mohamed Ahmed,01001110003,01/01/1980,',
      '5,Omar Samir,01001110005,,',
      '6,Omar Samir,01001110005,,',
      '7,Nada Samir,01001110005,02/02/1990,',
      '8,Nada Samir,01001110005,02/02/1990,',
    ].join('\n');
    const done = await importFile(file, { clinic });
    expect(counts(done)).toMatchObject({ created: 6, unchanged: 1, failed: 1 });
    expect(done.errors).toMatchObject([{ row: 7, column: 'ID', code: 'ALREADY_EXISTS' }]);
    expect(counts(await importFile(file, { clinic }))).toMatchObject({ created: 0, unchanged: 7, failed: 1 });
  });

  it('are read from xlsx, with the order of dates from the whole column', async () => {
    const rows: Cell[][] = [
      ['Xena', 'One', '03/04/1988', 491701234567],
      ['Xena', 'Two', '04/13/1988', null],
      ['Xena', 'Three', new LocalDay('1990-01-02'), null],
    ];
    const done = await importFile(await xlsx(['First name', 'Last name', 'DOB', 'Fax'], rows));
    expect(counts(done)).toMatchObject({ created: 3, failed: 0 });
    expect((await findPatients('Xena')).map(({ dateOfBirth }) => dateOfBirth).sort()).toEqual([
      ...['1988-03-04', '1988-04-13', '1990-01-02'],
    ]);
  });

  it('with an MRN of somebody else, or the verified address of an account, are refused', async () => {
    const { userId } = await app.patient();
    await app.db.query('UPDATE user_account SET email_verified_at = now() WHERE id = $1', [userId]);
    const email = `${userId}@patients.test`;
    const file = `First name,Last name,MRN,E-mail\nSomebody,Else,F-2,\nVera,Fied,,${email}\nNew,Person,N-1,\nNewer,Person,n-1,\n`;
    const done = await importFile(file);
    expect(done.errors.map(({ row, column, code }: any) => [row, column, code])).toEqual([
      [2, 'MRN', 'ALREADY_EXISTS'],
      [3, 'E-mail', 'EMAIL_TAKEN'],
      [5, 'MRN', 'ALREADY_EXISTS'],
    ]);
  });
});

describe('other lists than patients', () => {
  it('are imported once: services, doctors and their hours', async () => {
    const clinic = await openClinic(app, { timeZone: 'Asia/Kolkata', doctors: 0 });
    const { manager: token } = clinic;
    const services = 'सेवा;अवधि;मूल्य\nपरामर्श;३० मिनट;₹1,500.50\nECG;20;INR 800\nBroken;4;free\n';
    const first = await importFile(services, { kind: 'services', clinic });
    expect(counts(first)).toMatchObject({ created: 2, unchanged: 0, failed: 1 });
    expect(first.errors.map(({ column }: any) => column)).toEqual(['मूल्य', 'अवधि']);
    expect(counts(await importFile(services, { kind: 'services', clinic }))).toMatchObject({
      created: 0,
      unchanged: 2,
    });
    const listed = (await app.call('GET', `/api/v1/services?clinicId=${clinic.id}&sort=name`, { token })).data;
    expect(listed.map(({ name, durationMinutes, price }: any) => [name, durationMinutes, price])).toEqual([
      ['ECG', 20, { amount: 80_000, currency: 'INR' }],
      ['परामर्श', 30, { amount: 150_050, currency: 'INR' }],
    ]);

    const doctors =
      'NPI,Name,Specialty,Languages,Services\n11,Dr. Asha Rao,Neurology,"Hindi, en",ECG; परामर्श\n12,Ravi Iyer,Cardiology,en,None\n';
    const imported = await importFile(doctors, { kind: 'doctors', clinic });
    expect(counts(imported)).toMatchObject({ created: 1, failed: 1 });
    expect(imported.errors).toMatchObject([{ row: 3, column: 'Services' }]);
    expect(counts(await importFile(doctors.replaceAll('ECG', 'None'), { kind: 'doctors', clinic }))).toMatchObject({
      ...{ created: 0, unchanged: 1 },
    });
    const [doctor] = (await app.call('GET', `/api/v1/doctors?clinicId=${clinic.id}`, { token })).data;
    expect(doctor).toMatchObject({ firstName: 'Asha', lastName: 'Rao', title: 'Dr.', languages: ['hi', 'en'] });
    expect(doctor.serviceIds).toHaveLength(2);

    const hours =
      'Doctor,Day,From,To\nAsha Rao,Monday,9:00 AM,1:00 PM\n11,Tue,14:00,24:00\nRao Asha,Mon,12:00,14:00\nNobody,Mon,9:00,10:00\n';
    const added = await importFile(hours, { kind: 'schedules', clinic });
    expect(counts(added)).toMatchObject({ created: 2, failed: 2 });
    expect(added.errors).toMatchObject([
      { row: 4, column: 'From', message: expect.stringContaining('overlaps') },
      { row: 5, column: 'Doctor' },
    ]);
    expect(counts(await importFile(hours, { kind: 'schedules', clinic }))).toMatchObject({ created: 0, unchanged: 2 });
    const schedule = (await app.call('GET', `/api/v1/doctors/${doctor.id}/schedule`, { token })).data;
    expect(schedule.rules).toEqual([
      { weekday: 1, start: '09:00', end: '13:00' },
      { weekday: 2, start: '14:00', end: '24:00' },
    ]);
  });

  it('are imported once: past visits as history, upcoming ones as bookings that may collide', async () => {
    const clinic = await openClinic(app, { timeZone: 'Africa/Cairo' });
    await aService(app, clinic, { name: 'Visit' });
    const patients = 'ID,Name,Phone\n7,Mona Hassan,01001230001\n8,Mona Hassan,01001230002\n9,Ali Karim,01001230003\n';
    await importFile(patients, { clinic });
    const day = at(3).slice(0, 10);
    const file = [
      'Patient ID,Patient name,Phone,Doctor,Service,Date,Time,Status',
      '7,,,Doc No 1,Visit,03/02/2020,9:00 AM,completed',
      '8,,,Doc No 1,visit,03/02/2020,9:00 AM,no show',
      `,Mona Hassan,01001230002,Doc No 1,Visit,${day},10:00,confirmed`,
      `,Ali Karim,,Doc No 1,Visit,${day},10:15,`,
      `,Mona Hassan,,Doc No 1,Visit,${day},12:00,`,
      `9,,,Nobody,Visit,${day},13:00,`,
      `9,,,Doc No 1,Visit,${day},,`,
    ].join('\n');
    const { data } = await upload(file, { kind: 'appointments', clinic });
    const checked = await waitForEnd(data.id as string, clinic.manager);
    expect(counts(checked)).toMatchObject({ status: 'CHECKED', created: 3, failed: 4 });
    await start(data.id as string, clinic.manager);
    const done = await waitForEnd(data.id as string, clinic.manager);
    expect(counts(done)).toMatchObject({ status: 'DONE', created: 3, unchanged: 0, failed: 4 });
    const visits = await app.db.query(
      `SELECT a.id, a.status, a.start_at, (SELECT count(*)::int FROM reservation r WHERE r.appointment_id = a.id AND r.active) > 0 AS reserved
       FROM appointment a WHERE a.clinic_id = $1 ORDER BY a.start_at, a.status`,
      [clinic.id],
    );
    expect(visits.rows.map(({ status, reserved }) => [status, reserved])).toEqual([
      ...[
        ['COMPLETED', false],
        ['NO_SHOW', false],
        ['CONFIRMED', true],
      ],
    ]);
    expect(visits.rows[0].start_at.toISOString()).toBe('2020-02-03T07:00:00.000Z');
    expect(done.errors).toMatchObject([
      { row: 5, code: 'APPOINTMENT_CONFLICT', with: { appointmentId: visits.rows[2].id } },
      { row: 6, column: 'Patient name' },
      { row: 7, column: 'Doctor' },
      { row: 8, column: 'Time' },
    ]);
    expect(counts(await importFile(file, { kind: 'appointments', clinic }))).toMatchObject({
      created: 0,
      unchanged: 3,
    });
    const sent = await app.db.query(
      `SELECT n.kind FROM notification n JOIN appointment a ON a.id = n.appointment_id WHERE a.clinic_id = $1`,
      [clinic.id],
    );
    expect(sent.rows).toEqual([]);
  });
});

describe('visits', () => {
  const HEADER = 'Patient ID,Patient name,Phone,MRN,DOB,Doctor,Service,Date,Time';

  it('are refused for patients with another MRN, birth date or id', async () => {
    const clinic = await openClinic(app, { timeZone: 'Africa/Cairo' });
    await aService(app, clinic, { name: 'Visit' });
    await importFile('ID,Name,Phone,DOB,MRN\n1,Mona Hassan,01001240001,01/01/1980,M-1\n2,Ali Karim,,,M-2\n', {
      clinic,
    });
    const file = [
      HEADER,
      ',,01001240001,M-9,,Doc No 1,Visit,2020-02-03,09:00',
      ',,01001240001,,05/05/2015,Doc No 1,Visit,2020-02-04,09:00',
      '999,Mona Hassan,01001240001,,,Doc No 1,Visit,2020-02-05,09:00',
      ',Mona Hassan,01001240001,M-2,,Doc No 1,Visit,2020-02-06,09:00',
      ',"Hassan, Mona",01001240001,m-1,01/01/1980,Doc No 1,Visit,2020-02-07,09:00',
    ].join('\n');
    const done = await importFile(file, { kind: 'appointments', clinic });
    expect(counts(done)).toMatchObject({ created: 1, failed: 4 });
    expect(done.errors.map(({ row }: any) => row)).toEqual([2, 3, 4, 5]);
  });

  it('have remarks for the staff, and a status that fits their time', async () => {
    const clinic = await openClinic(app, { timeZone: 'Africa/Cairo' });
    await aService(app, clinic, { name: 'Visit' });
    await importFile('ID,Name\n1,Mona Hassan\n', { clinic });
    const day = at(3).slice(0, 10);
    const rows = [
      'Patient ID,Doctor,Service,Date,Time,Status,Remarks,Patient notes',
      '1,Doc No 1,Visit,2020-02-03,09:00,completed,often late,needs a ramp',
      '1,Doc No 1,Visit,2020-02-04,09:00,confirmed,,',
      '1,Doc No 1,Visit,2020-02-05,09:00,pending,,',
      `1,Doc No 1,Visit,${day},09:00,confirmed,owes money,`,
    ];
    const done = await importFile(rows.join('\n'), { kind: 'appointments', clinic });
    expect(done.errors).toMatchObject([
      { row: 3, column: 'Status' },
      { row: 4, column: 'Status' },
    ]);
    const path = `/api/v1/appointments?clinicId=${clinic.id}&sort=startDateTime`;
    const { data } = await app.call('GET', path, { token: clinic.manager });
    expect(data.map(({ status, notes, staffNotes }: any) => [status, notes, staffNotes])).toEqual([
      ['COMPLETED', 'needs a ramp', 'often late'],
      ['CONFIRMED', null, 'owes money'],
    ]);
    const withoutStatus = 'Patient ID,Doctor,Service,Date,Time\n1,Doc No 1,Visit,2020-02-06,09:00\n';
    await importFile(withoutStatus, { kind: 'appointments', clinic });
    const found = await app.db.query('SELECT status FROM appointment WHERE clinic_id = $1 ORDER BY start_at', [
      clinic.id,
    ]);
    expect(found.rows.map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED', 'CONFIRMED']);
  });

  it('of a merged patient are those of the record that stayed', async () => {
    const clinic = await openClinic(app, { timeZone: 'Africa/Cairo' });
    await aService(app, clinic, { name: 'Visit' });
    await importFile('ID,Name,Phone\n1,Mona Hassan,01001250001\n2,Muna Hasan,01001250002\n', { clinic });
    const [one, two] = await Promise.all(['01001250001', '01001250002'].map((phone) => findPatients(phone, clinic)));
    const [stays, goes] = [one?.[0].id as string, two?.[0].id as string];
    await app.db.query('UPDATE client SET merged_into_id = $1 WHERE id = $2', [stays, goes]);
    const file = `${HEADER}\n2,,,,,Doc No 1,Visit,2020-02-03,09:00\n,,01001250002,,,Doc No 1,Visit,2020-02-04,09:00\n`;
    expect(counts(await importFile(file, { kind: 'appointments', clinic }))).toMatchObject({ created: 2, failed: 0 });
    const visits = await app.db.query('SELECT client_id FROM appointment WHERE clinic_id = $1', [clinic.id]);
    expect(visits.rows).toEqual([{ client_id: stays }, { client_id: stays }]);
  });
});

describe('an import', () => {
  it('goes on where it ended, and does nothing twice', async () => {
    const names = Array.from({ length: 450 }, (_, n) => `Resumed,Person ${n},0100${String(2_000_000 + n)}`);
    await app.db.query(`
      CREATE FUNCTION refuse_person_300() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF NEW.last_name = 'Person 300' THEN RAISE 'the disk is full' USING ERRCODE = '53100'; END IF; RETURN NEW; END $$`);
    await app.db.query(
      'CREATE TRIGGER refuse_person_300 BEFORE INSERT ON user_account FOR EACH ROW EXECUTE FUNCTION refuse_person_300()',
    );
    const { data } = await upload(['First name,Last name,Phone', ...names].join('\n'), { dryRun: false });
    await eventually(async () =>
      expect(await get(data.id as string)).toMatchObject({ status: 'RUNNING', done: 200, created: 200 }),
    );
    expect((await upload('First name,Last name\nA,B\n', { dryRun: false })).code).toBe('IN_USE');
    await app.db.query('DROP TRIGGER refuse_person_300 ON user_account');
    await app.db.query('DROP FUNCTION refuse_person_300');
    await eventually(async () => {
      await app.db.query('UPDATE import SET lease_until = now() WHERE id = $1 AND done = 200', [data.id]);
      expect(await get(data.id as string)).toMatchObject({ status: 'DONE', created: 450, failed: 0 });
    });
    const stored = await app.db.query(`SELECT count(*)::int AS n FROM user_account WHERE first_name = 'Resumed'`);
    expect(stored.rows[0].n).toBe(450);
  });

  it('waits for the mapping of fields that are missing', async () => {
    const { data } = await upload('Vorname,Familie,Tel\nUte,Mapping,01005550001\n');
    expect([data.status, data.missing]).toEqual(['MAPPING', ['lastName or fullName']]);
    const path = `/api/v1/imports/${data.id}/mapping`;
    const put = (body: object, headers = {}) => app.call('PUT', path, { token: cairo.manager, body, headers });
    expect((await put({ columns: { Familie: 'nothing' } })).code).toBe('VALIDATION_ERROR');
    expect((await put({ columns: { Nobody: 'lastName' } })).code).toBe('VALIDATION_ERROR');
    expect((await put({ columns: { Familie: 'firstName', Vorname: 'firstName' } })).code).toBe('VALIDATION_ERROR');
    expect((await put({ columns: { Familie: 'lastName' } }, { 'if-match': '"7"' })).code).toBe('VERSION_MISMATCH');
    expect((await put({ columns: { Familie: 'lastName' } }, { 'if-match': '"1"' })).status).toBe(200);
    expect(counts(await waitForEnd(data.id as string))).toMatchObject({ status: 'CHECKED', created: 1 });
    expect((await start(data.id as string)).status).toBe(200);
    await waitForEnd(data.id as string);
    expect((await start(data.id as string)).code).toBe('INVALID_TRANSITION');
    expect((await put({ columns: {} })).code).toBe('INVALID_TRANSITION');
  });

  it('says which dates are ambiguous, and takes the format of the mapping', async () => {
    const toronto = await openClinic(app, { timeZone: 'America/Toronto' });
    const file = 'First name,Last name,DOB\nAmy,Date,03/04/1988\n';
    const { data } = await upload(file, { clinic: toronto });
    expect((await waitForEnd(data.id as string, toronto.manager)).errors).toMatchObject([
      { row: 2, column: 'DOB', message: expect.stringContaining('mapping.dateFormat') },
    ]);
    expect(counts(await importFile(file, { clinic: toronto, mapping: { dateFormat: 'MDY' } }))).toMatchObject({
      created: 1,
    });
    expect(await findPatients('Date', toronto)).toMatchObject([{ dateOfBirth: '1988-03-04' }]);
  });

  it('is for the managers of the clinic', async () => {
    const other = await openClinic(app);
    const { data } = await upload('First name,Last name\nA,B\n');
    expect((await upload('a,b\n1,2\n', { token: cairo.staff })).status).toBe(403);
    expect((await upload('a,b\n1,2\n', { token: other.manager })).status).toBe(404);
    for (const path of ['', '/failed'])
      expect((await app.call('GET', `/api/v1/imports/${data.id}${path}`, { token: other.manager })).status).toBe(404);
    expect((await start(data.id as string, other.manager)).status).toBe(404);
    const list = async (token: string) => (await app.call('GET', '/api/v1/imports', { token })).data;
    expect((await list(cairo.manager)).map(({ id }: any) => id)).toContain(data.id);
    expect(await list(other.manager)).toEqual([]);
  });

  it('is created once with an Idempotency-Key', async () => {
    const file = 'First name,Last name\nIda,Potent\n';
    const [first, second] = [await upload(file, { key: 'once' }), await upload(file, { key: 'once' })];
    expect([first.status, second.status, second.data.id]).toEqual([201, 201, first.data.id]);
    expect((await upload(`${file}X,Y\n`, { key: 'once' })).code).toBe('IDEMPOTENCY_KEY_REUSED');
    await waitForEnd(first.data.id as string);
  });

  it('of a file that cannot be read is refused, or fails with the reason', async () => {
    const refused = async (file: string | Uint8Array) => {
      const { code, body } = await upload(file);
      return `${code}: ${body.error.details?.[0]?.error}`;
    };
    expect(await refused(Buffer.from('d0cf11e0a1b11ae1', 'hex'))).toMatch(/VALIDATION_ERROR.*old Excel/);
    expect(await refused('PK\x03\x04 broken')).toMatch(/VALIDATION_ERROR.*damaged/);
    expect(await refused('\n\n')).toMatch(/VALIDATION_ERROR.*no rows/);
    const { data } = await upload('First name,Last name\nA,B\nC,"D\n');
    expect(await waitForEnd(data.id as string)).toMatchObject({
      status: 'FAILED',
      failure: expect.stringContaining('quotation'),
    });
  });

  it('loses its file when it is done, and after seven days with its failed rows', async () => {
    const { data } = await upload('First name,Last name\n,B\n');
    await waitForEnd(data.id as string);
    const head = (id: string) => app.app.get(BlobStore).head(`imports/${id}`);
    await app.app.get(ImportSweep).run();
    expect(await head(data.id as string)).not.toBeNull();
    await app.db.query(`UPDATE import SET updated_at = now() - interval '8 days' WHERE id = $1`, [data.id]);
    await app.app.get(ImportSweep).run();
    expect(await get(data.id as string)).toMatchObject({
      ...{ status: 'EXPIRED', errors: [] },
      columns: [
        { header: 'Column 1', field: 'firstName' },
        { header: 'Column 2', field: 'lastName' },
      ],
    });
    expect(await head(data.id as string)).toBeNull();
    expect((await start(data.id as string)).code).toBe('INVALID_TRANSITION');
    const done = await importFile('First name,Last name\nLoses,File\n');
    await eventually(async () => expect(await head(done.id as string)).toBeNull());
    const headers = async () => (await get(done.id as string)).columns.map(({ header }: any) => header);
    expect(await headers()).toEqual(['First name', 'Last name']);
    await app.db.query(`UPDATE import SET updated_at = now() - interval '8 days' WHERE id = $1`, [done.id]);
    await app.app.get(ImportSweep).run();
    expect(await headers()).toEqual(['Column 1', 'Column 2']);
  });

  it('is not given up while its file cannot be fetched', async () => {
    const { data } = await upload('First name,Last name\nOut,Age\n');
    await waitForEnd(data.id as string);
    const path = join('.data/test-blobs/imports', data.id as string);
    await rename(path, `${path}.kept`);
    await mkdir(path);
    await start(data.id as string);
    const claims = `SELECT claims, attempts FROM import WHERE id = $1 AND status = 'RUNNING'`;
    // One claim of the dry run, one change by the start, and one that cannot read the file.
    await eventually(async () =>
      expect((await app.db.query(claims, [data.id])).rows).toEqual([{ claims: 3, attempts: 0 }]),
    );
    await rmdir(path);
    await rename(`${path}.kept`, path);
    await eventually(async () => {
      await app.db.query('UPDATE import SET lease_until = now() WHERE id = $1 AND done = 0', [data.id]);
      expect(await get(data.id as string)).toMatchObject({ status: 'DONE', created: 1 });
    });
  });

  it('is deleted with its file', async () => {
    const { data } = await upload('First name,Last name\n,B\n');
    await waitForEnd(data.id as string);
    expect((await app.call('DELETE', `/api/v1/imports/${data.id}`, { token: cairo.manager })).status).toBe(200);
    expect((await app.call('GET', `/api/v1/imports/${data.id}`, { token: cairo.manager })).status).toBe(404);
    expect((await app.db.query('SELECT 1 FROM import_row WHERE import_id = $1', [data.id])).rows).toEqual([]);
    expect(await app.app.get(BlobStore).head(`imports/${data.id}`)).toBeNull();
  });
});
