import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { PRODUCTION, TestApp, type Answer } from '../support/app.js';
import { canariesIn, plantCanaries, type CanaryWorld } from '../support/canaries.js';
import { at } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { rounds } from '../support/long-form.js';
import { ApiProcess } from '../support/processes.js';
import { SocketClient } from '../support/sockets.js';
import { NOT_PERSONAL, PERSONAL, tableColumns } from '../support/text-columns.js';
import { CALLERS, expectedStatus, TABLE, type Caller, type Fixture } from './route-role.table.js';

/** A marker in every personal column is returned only to the callers that the lists name (docs/complaints.md, 21 and 24). */

const SECRET = 'Zk3v9-qL0w_Xr7TnB5yUe1HdMf8GjPo2';

let app: TestApp;
let api: ApiProcess;
let world: CanaryWorld;

beforeAll(async () => {
  app = await TestApp.start({ JWT_SECRET: SECRET, JOBS_IN_PROCESS: 'false' });
  world = await plantCanaries(app);
  await app.stopServing();
  // In production mode, with the most detailed log.
  api = await ApiProcess.start({ ...app.environment, ...PRODUCTION, JWT_SECRET: SECRET, LOG_LEVEL: 'trace' });
});

const sockets: SocketClient[] = [];

afterAll(async () => {
  for (const socket of sockets) socket.close();
  await api.kill();
  await app.close();
});

const call = (method: string, path: string, token?: string, body?: object): Promise<Answer> =>
  app.call(method, `${api.url}${path}`, { token, ...(body && { body }) });

const QUERIES = ['limit=100&withTotal=true', 'q=CANARY', '', 'q=W', 'limit=100&sort=-createdAt'].slice(0, rounds(2, 5));

/** @returns the status of the table; for a caller who is not in it, those of a read */
function getPossibleStatuses(route: string, caller?: Caller): number[] {
  // The mailbox is not served in production.
  if (route.startsWith('GET /dev/')) return [404];
  return caller ? [expectedStatus(route, caller)] : [200, 403, 404];
}

/** The paths with a parameter that their route does not have: it is refused to everyone who may use the route. */
const withUnknownParameter = new Set<string>();

/** Calls every GET route with the patient's ids, also with filters and other parameters. @returns all answers */
async function readEverything(token: string | undefined, caller?: Caller): Promise<string> {
  const { fixture } = world;
  const filters = [`clientId=${fixture.clientId}`, `clinicId=${fixture.clinicId}`, `doctorId=${fixture.doctorId}`];
  const texts: string[] = [];
  for (const [route, row] of Object.entries(TABLE)) {
    if (!route.startsWith('GET ')) continue;
    const path = row.path(fixture);
    for (const query of route.includes(':') ? [''] : [...QUERIES, ...filters]) {
      const separator = path.includes('?') ? '&' : '?';
      const full = query ? `${path}${separator}${query}` : path;
      if (withUnknownParameter.has(full)) continue;
      const answer = await call('GET', full, token);
      if (hasUnknownParameter(answer)) withUnknownParameter.add(full);
      // A route rejects parameters that it does not have.
      const possible = [...getPossibleStatuses(route, caller), ...(query ? [400] : [])];
      const { status } = answer;
      expect({ path, query, status, isPossible: possible.includes(status) }).toMatchObject({ isPossible: true });
      texts.push(JSON.stringify(answer.body), JSON.stringify([...answer.headers]));
    }
  }
  return texts.join('\n');
}

const hasUnknownParameter = ({ status, body }: Answer): boolean =>
  status === 400 &&
  Array.isArray(body.error?.details) &&
  body.error.details.some(({ error }: { error: string }) => error === 'is not a field of this request');

it('every column that can contain text is listed as personal or not personal in test/support/text-columns.ts', async () => {
  const listed = [PERSONAL, NOT_PERSONAL].flatMap((list) =>
    Object.entries(list).flatMap(([table, columns]) => columns.map((column) => `${table}.${column}`)),
  );
  expect(listed.sort()).toEqual(await tableColumns(app));
});

describe('personal data', () => {
  /** The reason of a closed day is visible to the doctors of the clinic. */
  const ALLOWED: Record<string, string[]> = { 'other DOCTOR': ['schedule_exception.reason'] };

  it.each(['none', 'other CLIENT', 'other DOCTOR', 'other STAFF'] as const)(
    'is in no answer of any route to %s (Z-02)',
    async (caller) => {
      expect(canariesIn(await readEverything(world.outsiders[caller], caller))).toEqual(ALLOWED[caller] ?? []);
    },
    90_000,
  );

  it('is in no answer of any route to another clinic’s manager', async () => {
    expect(canariesIn(await readEverything(world.manager))).toEqual([]);
  });

  const PERSON = ['email', 'first_name', 'last_name', 'phone'].map((column) => `user_account.${column}`);
  const RECORD = ['client.address', 'client.emergency_contact', 'client_clinic.mrn', 'client_clinic.notes'];
  const VISIT = [
    'appointment.cancel_reason',
    'appointment.insurance_note',
    'appointment.notes',
    'appointment.video_url',
    'appointment_note_change.new_text',
    'appointment_note_change.old_text',
    'audit_log.changes',
    'referral.reason',
  ];
  const VISIT_OF_STAFF = [...VISIT, 'appointment.staff_notes'];
  const DESK = [...PERSON, ...RECORD, ...VISIT_OF_STAFF, 'notification.provider_id', 'notification.reason'];
  const IMAGE = [
    ...['dicom', 'deidentification', 'kind', 'no_picture', 'original_sha256', 'quality'].map(
      (column) => `scan.${column}`,
    ),
    ...['kind', 'study_instance_uid'].map((column) => `scan_set.${column}`),
  ];
  const FINDING = ['input_sha256', 'label', 'model_id', 'model_version', 'protocol', 'reason', 'summary'].map(
    (column) => `scan_analysis.${column}`,
  );

  /** Of audit rows, which the export has all of. */
  const REQUEST = ['device', 'ip', 'request_id'].map((column) => `audit_log.${column}`);

  it.each([
    [
      'CLIENT',
      [
        ...PERSON,
        ...VISIT,
        ...IMAGE,
        ...FINDING,
        'notification.body',
        'notification.title',
        'conversation_message.sealed',
        'session.ip',
        'session.user_agent',
      ],
    ],
    [
      'DOCTOR',
      [...PERSON, ...RECORD, ...VISIT_OF_STAFF, ...IMAGE, ...FINDING, 'schedule_exception.reason', 'doctor.video_url'],
    ],
    ['STAFF', [...DESK, 'schedule_exception.reason']],
    ['MANAGER', [...DESK, 'schedule_exception.reason', 'api_key.last_used_ip', 'doctor.video_url']],
    [
      'ADMIN',
      [
        ...DESK,
        'schedule_exception.reason',
        'outbox.last_error',
        'api_key.last_used_ip',
        'doctor.video_url',
        ...REQUEST,
      ],
    ],
  ] as const)(
    'is returned to the patient’s %s only as far as it is listed, and secrets are never returned (Z-06)',
    async (role, columns) => {
      expect(canariesIn(await readEverything(world.insiders[role], role))).toEqual([...columns].sort());
    },
    90_000,
  );
});

describe('a request with the id of an object without access', () => {
  const random = (): Fixture => {
    const ids = Object.entries(world.fixture).map(([name, value]) => [
      name,
      typeof value === 'string' ? newId() : value,
    ]);
    return { ...(Object.fromEntries(ids) as Fixture), email: world.fixture.email };
  };

  it.each(['other CLIENT', 'other DOCTOR', 'other STAFF'] as const)(
    'is answered to %s like one with an unknown id (Z-02)',
    async (caller) => {
      const column = CALLERS.indexOf(caller);
      const hidden = Object.entries(TABLE).filter(([, row]) => row.expect[column] === 404 && !row.form);
      expect(hidden.length).toBeGreaterThan(5);
      const plain = ({ status, body }: Answer): unknown => [status, { ...body, timestamp: '', requestId: '' }];
      for (const [route, row] of hidden) {
        const ask = (fixture: Fixture): Promise<Answer> =>
          call(route.split(' ')[0] as string, row.path(fixture), world.outsiders[caller], row.body?.(fixture));
        const [existing, unknown] = [await ask(world.fixture), await ask(random())];
        expect({ route, answer: plain(existing) }).toEqual({ route, answer: plain(unknown) });
        expect({ route, status: existing.status }).toEqual({ route, status: 404 });
      }
    },
    60_000,
  );
});

describe('sockets and the log', () => {
  it('contain personal data only for its owner (sockets) and not at all (log) (L-02, T-12)', async () => {
    const { fixture, insiders, outsiders } = world;
    const connect = async (token: string | undefined): Promise<SocketClient> => {
      const socket = await SocketClient.connected(api.url, token as string);
      sockets.push(socket);
      return socket;
    };
    const owner = await connect(insiders.CLIENT);
    const strangers = [
      await connect(outsiders['other CLIENT']),
      await connect(outsiders['other DOCTOR']),
      await connect(outsiders['other STAFF']),
      await connect(world.manager),
    ];
    const visit = { serviceId: fixture.serviceId, doctorId: fixture.doctorId };
    const notes = 'CANARY.typed.notes.';
    const book = (token: string | undefined, day: number): Promise<Answer> =>
      call('POST', '/api/v1/appointments', token, { ...visit, startDateTime: at(day), notes });
    const booked = await book(insiders.CLIENT, 30);
    expect(booked.status).toBe(201);
    const path = `/api/v1/appointments/${booked.data.id}`;
    const moved = await call('PUT', path, insiders.STAFF, { startDateTime: at(31), notes: 'CANARY.typed.again.' });
    expect(moved.status).toBe(200);
    await call('DELETE', `${path}?reason=CANARY.typed.reason.`, insiders.CLIENT);
    await call('PUT', `/api/v1/users/${fixture.clientUserId}`, insiders.CLIENT, { lastName: 'CANARY.typed.name.' });
    await call('PUT', `/api/v1/clients/${fixture.clientId}`, insiders.STAFF, { notes: 'CANARY.typed.record.' });
    await call('POST', '/api/v1/auth/login', undefined, { email: 'CANARY.typed@x.test', password: 'CANARY.typed.pw.' });
    await call('POST', '/api/v1/auth/register', undefined, { email: 'CANARY.typed.email.', firstName: 'CANARY.a.b.' });
    await call('GET', '/api/v1/clients?q=CANARY.typed.search.', insiders.STAFF);
    await call('GET', '/links/CANARY.typed.link.');
    const inQuery = await call('GET', `/api/v1/auth/profile?access_token=${insiders.CLIENT}&token=CANARY.typed.token.`);
    expect(inQuery.status).toBe(401);
    await owner.waitFor('appointment:cancelled', (id) => id === booked.data.id);
    // After this event of their own, earlier events have arrived.
    const [stranger] = strangers as [SocketClient];
    const own = await book(outsiders['other CLIENT'], 32);
    await stranger.waitFor('appointment:created', ({ id }) => id === own.data.id);

    // A message contains the appointment at the time when it is created, so the earlier notes may be missing.
    // The inbox has the links to join the patient's video visits, also the planted one if this test runs alone.
    const links = ['appointment.video_url', 'doctor.video_url'];
    const theirs = [...links, 'typed.again', 'typed.notes', 'typed.reason', 'user_account.first_name'];
    expect(theirs).toEqual(expect.arrayContaining(canariesIn(JSON.stringify(owner.seen))));
    expect(canariesIn(JSON.stringify(owner.seen))).toContain('typed.again');
    expect(canariesIn(JSON.stringify(stranger.seen.filter(({ data }) => data.id !== own.data.id)))).toEqual([]);
    for (const client of strangers.slice(1)) expect(canariesIn(JSON.stringify(client.seen))).toEqual([]);
    await eventually(async () => {
      expect(api.log).toContain('/links/:token');
      return Promise.resolve();
    });
    expect(api.log.split('\n').length).toBeGreaterThan(200);
    expect(canariesIn(api.log)).toEqual([]);
    expect(api.log).not.toMatch(/CANARY|eyJhbGciOi/);
  });
});
