import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import readXlsx from 'read-excel-file/node';
import { AccountLists } from '../../src/modules/exchange/exports/account-lists.js';
import { CatalogueLists } from '../../src/modules/exchange/exports/catalogue-lists.js';
import type { ExportedList } from '../../src/modules/exchange/exports/exported-list.js';
import { PatientLists } from '../../src/modules/exchange/exports/patient-lists.js';
import { TestApp } from '../support/app.js';
import { aService, at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { EXPORT_KINDS } from './route-role.table.js';

/** The lists of the kinds whose route is not `/<kind>`, and the ones whose rows have another view. */
const ROUTES: Record<string, string> = { notifications: '/notifications/log' };
const CAIRO = '01900000-0000-7000-8000-00000000c001';
/** More than a page of an export. */
const MANY = 1_200;

let app: TestApp;
let admin: string;
let manager: string;
let other: TestClinic;

beforeAll(async () => {
  app = await TestApp.start();
  admin = await app.login('admin@careslot.test');
  manager = await app.login('manager@careslot.test');
  other = await openClinic(app, { timeZone: 'America/New_York' });
});

afterAll(() => app.close());

type Row = Record<string, string>;

async function download(path: string, token: string): Promise<{ status: number; headers: Headers; file: Buffer }> {
  const response = await fetch(`${app.url}/api/v1/exports/${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, headers: response.headers, file: Buffer.from(await response.arrayBuffer()) };
}

async function readCsv(path: string, token: string): Promise<Row[]> {
  const { status, file } = await download(path, token);
  if (status !== 200) throw new Error(`${path} returned ${status}: ${file.toString()}`);
  return parse(file, { bom: true, columns: true });
}

/** All rows of a list, page by page. */
async function listAll(path: string, token: string): Promise<{ id: string }[]> {
  const rows: { id: string }[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = `${path}${path.includes('?') ? '&' : '?'}limit=100${cursor && `&cursor=${cursor}`}`;
    const { data, body } = await app.call('GET', `/api/v1${page}`, { token });
    rows.push(...data);
    cursor = body.meta.nextCursor as string | null;
  }
  return rows;
}

const ids = (rows: readonly object[]): unknown[] => rows.map((row) => (row as { id: unknown }).id);

const auditRows = async (action: string): Promise<{ clinic_id: string | null; changes: any }[]> =>
  (await app.db.query('SELECT clinic_id, changes FROM audit_log WHERE action = $1 ORDER BY id', [action])).rows;

async function book(clinic: TestClinic, fields: object): Promise<{ id: string; clientId: string }> {
  const serviceId = await aService(app, clinic);
  const body = { firstName: 'Mona', lastName: 'Hassan', phone: '+491701234567', clinicId: clinic.id };
  const { data: client } = await app.call('POST', '/api/v1/clients', { token: clinic.staff, body });
  const { data, status } = await app.call('POST', '/api/v1/appointments', {
    token: clinic.staff,
    body: { serviceId, clientId: client.id, ...fields },
  });
  expect(status).toBe(201);
  return { id: data.id, clientId: client.id };
}

describe('an export', () => {
  it.each(EXPORT_KINDS.filter((kind) => !['clinics', 'closures', 'audit-logs'].includes(kind)))(
    'of %s has the rows of the list',
    async (kind) => {
      const rows = await readCsv(`${kind}?clinicId=${CAIRO}`.replace(/(break-glass).*/, '$1'), manager);
      const route = `${ROUTES[kind] ?? `/${kind}`}`;
      const listed = await listAll(kind === 'break-glass' ? route : `${route}?clinicId=${CAIRO}`, manager);
      expect(ids(rows).sort()).toEqual(ids(listed).sort());
    },
  );

  it('has the filters and the order of the list', async () => {
    const filters = `clinicId=${CAIRO}&sort=-lastName&q=ha`;
    const rows = await readCsv(`clients?${filters}`, manager);
    expect(rows.length).toBeGreaterThan(0);
    expect(ids(rows)).toEqual(ids(await listAll(`/clients?${filters}`, manager)));
  });

  it('has a column for each field of the list', async () => {
    const { components } = JSON.parse(await readFile('openapi.json', 'utf8'));
    // Views whose names are not those of the kinds; `resources` of an appointment and its link are not in lists.
    const views: [string, Pick<ExportedList<never>, 'columns'>, string[]][] = [
      ['AppointmentView', app.app.get(PatientLists).appointments, ['videoUrl', 'resources']],
      ['ClientView', app.app.get(PatientLists).clients, []],
      ['WaitlistEntryView', app.app.get(PatientLists).waitlist, []],
      ['ReferralView', app.app.get(PatientLists).referrals, []],
      ['ClinicView', app.app.get(CatalogueLists).clinics, []],
      ['DoctorView', app.app.get(CatalogueLists).doctors, []],
      ['ServiceView', app.app.get(CatalogueLists).services, []],
      ['ResourceView', app.app.get(CatalogueLists).resources, []],
      ['ClosureView', app.app.get(CatalogueLists).closures, []],
      ['UserView', app.app.get(AccountLists).users, []],
      ['ApiKeyView', app.app.get(AccountLists).apiKeys, []],
      ['AuditLogView', app.app.get(AccountLists).auditLogs, []],
      ['BreakGlassView', app.app.get(AccountLists).breakGlass, []],
      ['NotificationLogView', app.app.get(AccountLists).notifications, []],
    ];
    expect(views).toHaveLength(EXPORT_KINDS.length);
    for (const [view, list, left] of views) {
      const fields = Object.keys(components.schemas[view].properties as object);
      const columns = new Set(list.columns.map(({ path }) => path[0]));
      expect(fields.filter((field) => !columns.has(field))).toEqual(left);
    }
  });

  it('has local times of the clinic, with zone and offset, and money in minor units', async () => {
    const clinic = await openClinic(app, { timeZone: 'Africa/Cairo' });
    const startDateTime = at(3, '08:30');
    await book(clinic, { startDateTime, notes: 'First visit' });
    const [row] = await readCsv(`appointments?clinicId=${clinic.id}`, clinic.manager);
    expect(row).toMatchObject({
      localTimeZone: 'Africa/Cairo',
      'client.firstName': 'Mona',
      'doctor.lastName': 'No 1',
      'service.name': 'Visit',
      'price.amount': '100',
      'price.currency': 'USD',
      notes: 'First visit',
      resourceIds: '',
    });
    const { startDateTime: local = '', startDateTimeUtcOffset: offset = '' } = row ?? {};
    expect(new Date(`${local.replace(' ', 'T')}${offset.replace('UTC', '')}`).toISOString()).toBe(startDateTime);
  });

  it('as xlsx has typed numbers and dates, and texts that are never formulas (X-01)', async () => {
    const clinic = await openClinic(app, { timeZone: 'Asia/Kolkata' });
    const startDateTime = at(3, '08:30');
    const notes = '=HYPERLINK("https://evil.example")';
    await book(clinic, { startDateTime, notes });
    const { file, headers } = await download(`appointments?clinicId=${clinic.id}&format=xlsx`, clinic.manager);
    expect(headers.get('content-type')).toContain('spreadsheetml');
    expect(headers.get('content-disposition')).toBe('attachment; filename="appointments.xlsx"');
    const [sheet] = await readXlsx(file);
    const [header = [], cells = []] = sheet?.data ?? [];
    const row = Object.fromEntries(header.map((name, index) => [String(name), cells[index]]));
    // Spreadsheets have no zones: the library reads the local time as UTC.
    const local = Date.parse(startDateTime) + 5.5 * 3_600_000;
    expect(row).toMatchObject({ startDateTime: expect.any(Date), 'price.amount': 100, notes, version: 1 });
    // A date is a fraction of days, which the library cuts to a millisecond.
    expect(Math.abs((row.startDateTime as unknown as Date).getTime() - local)).toBeLessThan(2);
  });

  it('as csv marks texts that a spreadsheet would run (X-01)', async () => {
    const clinic = await openClinic(app);
    await book(clinic, { startDateTime: at(3), notes: '=1+1', staffNotes: '＝1+1' });
    const { file } = await download(`appointments?clinicId=${clinic.id}`, clinic.manager);
    expect(file.toString()).toMatch(/,"'=1\+1","'＝1\+1",/);
    const [client] = await readCsv(`clients?clinicId=${clinic.id}`, clinic.manager);
    expect(client?.phone).toBe("'+491701234567");
  });

  it('has all rows of a list that has many pages', async () => {
    const created = await app.patients(MANY);
    const exported = new Set(ids(await readCsv('clients', admin)));
    expect(created.filter(({ clientId }) => !exported.has(clientId))).toEqual([]);
  });

  it('has the rows of all clinics of a manager, each with its own zone', async () => {
    const cairo = await openClinic(app, { timeZone: 'Africa/Cairo' });
    const tokyo = await openClinic(app, { timeZone: 'Asia/Tokyo' });
    for (const clinic of [cairo, tokyo]) await book(clinic, { startDateTime: at(4) });
    const clinicIds = [cairo.id, tokyo.id];
    const token = app.tokenFor({
      userId: await createAccount(app, 'MANAGER', { clinicIds }),
      role: 'MANAGER',
      clinicIds,
    });
    const rows = await readCsv('appointments', token);
    expect(rows.map(({ clinicId, localTimeZone }) => [clinicId, localTimeZone])).toEqual([
      [cairo.id, 'Africa/Cairo'],
      [tokyo.id, 'Asia/Tokyo'],
    ]);
    expect(ids(await readCsv('doctors', token)).sort()).toEqual([...cairo.doctorIds, ...tokyo.doctorIds].sort());
  });

  it.each(EXPORT_KINDS.filter((kind) => kind !== 'break-glass'))(
    'of %s of another clinic is refused (X-02)',
    async (kind) => {
      const answer = await app.call('GET', `/api/v1/exports/${kind}?clinicId=${CAIRO}`, { token: other.manager });
      expect([answer.status, answer.code]).toEqual([404, 'NOT_FOUND']);
    },
  );

  it.each(EXPORT_KINDS)('of %s has nothing of other clinics (X-02)', async (kind) => {
    const rows = await readCsv(kind, other.manager);
    const clinicIds = rows.flatMap((row) => (row.clinicIds ?? row.clinicId ?? '').split('; ')).filter(Boolean);
    if (kind === 'clinics') expect(ids(rows)).toEqual([other.id]);
    expect(clinicIds.filter((id) => id !== other.id)).toEqual([]);
  });

  it('with an invalid filter is refused before anything is sent', async () => {
    for (const query of ['from=2026-12-09&to=2026-12-01', 'format=pdf', 'limit=10', 'cursor=abc', 'unknown=1']) {
      const { status, code } = await app.call('GET', `/api/v1/exports/appointments?${query}`, { token: manager });
      expect([query, status, code]).toEqual([query, 400, 'VALIDATION_ERROR']);
    }
  });

  it('is audited with its filters, but without the searched text, and its rows (L-03)', async () => {
    const clinic = await openClinic(app);
    await book(clinic, { startDateTime: at(3) });
    await readCsv(`clients?clinicId=${clinic.id}&q=hassan&sort=lastName`, clinic.manager);
    const ofClinic = ({ clinic_id }: { clinic_id: string | null }): boolean => clinic_id === clinic.id;
    expect((await auditRows('client.exported')).filter(ofClinic)).toEqual([
      {
        clinic_id: clinic.id,
        changes: { format: 'csv', filters: { clinicId: clinic.id, q: true, sort: 'lastName' } },
      },
    ]);
    expect((await auditRows('client.export-ended')).filter(ofClinic)).toEqual([
      { clinic_id: clinic.id, changes: { rows: 1, isComplete: true } },
    ]);
    expect((await auditRows('client.list-read')).filter(ofClinic)).toHaveLength(1);
  });

  it('stops reading when the client disconnects (X-02)', async () => {
    const clinic = await openClinic(app);
    // More than the buffers of the connection hold.
    await app.db.query(
      `INSERT INTO resource (id, clinic_id, kind, name)
       SELECT gen_random_uuid(), $1, 'ROOM', repeat('x', 20000) FROM generate_series(1, 4000)`,
      [clinic.id],
    );
    const cancel = new AbortController();
    const response = await fetch(`${app.url}/api/v1/exports/resources?clinicId=${clinic.id}`, {
      headers: { authorization: `Bearer ${clinic.manager}` },
      signal: cancel.signal,
    });
    await response.body?.getReader().read();
    cancel.abort();
    const ended = await eventually(async () => {
      const rows = (await auditRows('resource.export-ended')).filter(({ clinic_id }) => clinic_id === clinic.id);
      expect(rows).toMatchObject([{ changes: { isComplete: false } }]);
      return rows[0];
    });
    expect(ended?.changes.rows).toBeLessThan(4_000);
  });

  it('has the times of a clinic that was deleted in UTC', async () => {
    const { rows } = await app.db.query<{ id: string }>(
      `INSERT INTO audit_log (id, action, object_type, object_id, clinic_id)
       SELECT gen_random_uuid(), 'clinic.deleted', 'clinic', c, c FROM (SELECT gen_random_uuid() AS c) AS deleted RETURNING id`,
    );
    const exported = await readCsv('audit-logs?action=clinic.deleted', admin);
    expect(exported).toMatchObject([{ id: rows[0]?.id, localTimeZone: 'UTC' }]);
  });

  it('is limited per person (R-01)', async () => {
    const clinic = await openClinic(app);
    const call = async (): Promise<number> =>
      (await download(`resources?clinicId=${clinic.id}`, clinic.manager)).status;
    const statuses: number[] = [];
    for (let calls = 0; calls < 61; calls += 1) statuses.push(await call());
    expect([statuses.slice(0, 60).every((status) => status === 200), statuses[60]]).toEqual([true, 429]);
  });
});
