import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer } from '../support/app.js';
import { plantCanaries, type CanaryWorld } from '../support/canaries.js';
import { rounds } from '../support/long-form.js';
import { liveRoutes } from '../support/live-routes.js';
import { TABLE } from './route-role.table.js';

/** Every list of the API, page by page, with rows of the same millisecond: each row is returned once. */

const ROWS = 12;
/** Times in pairs, microseconds apart: a cursor with milliseconds could not separate the pairs, and only the id separates a pair. */
const MOMENT = `'2026-01-05 09:00:00.000900+00'::timestamptz + (n / 2) * interval '50 microseconds'`;

let app: TestApp;
let world: CanaryWorld;

beforeAll(async () => {
  app = await TestApp.start();
  world = await plantCanaries(app);
});

afterAll(() => app.close());

type Reader = keyof CanaryWorld['insiders'];

interface Walk {
  as: Reader;
  sorts?: string[];
  /** A filter, for a list that other tests fill. */
  filter?: Record<string, string>;
  /** The statements that insert one row of the list; $1 is its id, $2 its number. */
  make?: (world: CanaryWorld) => { sql: string; values?: unknown[] }[];
  /** Creates rows that only the API can create. */
  call?: (world: CanaryWorld, n: number) => Promise<unknown>;
}

const bothDirections = (...names: string[]): string[] => names.flatMap((name) => [name, `-${name}`]);

const exceptions = (resource: string): Walk => ({
  as: 'MANAGER',
  make: ({ fixture }) => [
    {
      sql: `INSERT INTO schedule_exception (id, resource_id, kind, from_day, to_day)
            SELECT $1::uuid, ${resource}, 'CLOSED', '2030-05-01', '2030-05-01'::date + $2::int`,
      values: [resource.includes('doctor') ? fixture.doctorId : fixture.resourceId],
    },
  ],
});

const notification =
  (channel: string): Walk['make'] =>
  ({ fixture }) => [
    {
      sql: `INSERT INTO notification (id, user_id, clinic_id, kind, channel, state, due_at, next_attempt_at, offset_minutes)
          VALUES ($1, $3, $4, 'MESSAGE_FROM_CLINIC', '${channel}', 'SENT', now(), now(), $2)`,
      values: [fixture.clientUserId, fixture.clinicId],
    },
  ];

const resource = (kind: string): string =>
  `INSERT INTO resource (id, clinic_id, kind, name) SELECT $1::uuid, $3::uuid, '${kind}', 'Same' WHERE $2::int >= 0`;

const doctor = (world: CanaryWorld) => [
  { sql: resource('PERSONNEL'), values: [world.fixture.clinicId] },
  {
    sql: `INSERT INTO doctor (id, clinic_id, resource_id, first_name, last_name, speciality)
          SELECT $1::uuid, $3::uuid, $1::uuid, 'A', 'Same', 'S' WHERE $2::int >= 0`,
    values: [world.fixture.clinicId],
  },
];

const patient = (world: CanaryWorld) => [
  {
    sql: `INSERT INTO user_account (id, role, first_name, last_name) SELECT $1::uuid, 'CLIENT', 'A', 'Same' WHERE $2::int >= 0`,
  },
  { sql: `INSERT INTO client (id, user_id) SELECT $1::uuid, $1::uuid WHERE $2::int >= 0` },
  {
    sql: `INSERT INTO client_clinic (client_id, clinic_id, registered_at) SELECT $1::uuid, $3::uuid, now() WHERE $2::int >= 0`,
    values: [world.fixture.clinicId],
  },
];

const WALKS: Record<string, Walk> = {
  'GET /api/v1/users': { as: 'ADMIN', sorts: bothDirections('createdAt', 'lastName'), make: patient },
  'GET /api/v1/clients': { as: 'STAFF', sorts: bothDirections('createdAt', 'lastName'), make: patient },
  'GET /api/v1/clinics': {
    as: 'ADMIN',
    sorts: bothDirections('createdAt', 'name'),
    make: () => [{ sql: `INSERT INTO clinic (id, name, time_zone) SELECT $1::uuid, 'Same', 'UTC' WHERE $2::int >= 0` }],
  },
  'GET /api/v1/doctors': { as: 'CLIENT', sorts: bothDirections('createdAt', 'lastName'), make: doctor },
  'GET /api/v1/services': {
    as: 'CLIENT',
    sorts: bothDirections('createdAt', 'name'),
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO service (id, clinic_id, name, duration_minutes, currency)
              SELECT $1::uuid, $3::uuid, 'Same', 30, 'EGP' WHERE $2::int >= 0`,
        values: [fixture.clinicId],
      },
    ],
  },
  'GET /api/v1/resources': {
    as: 'MANAGER',
    sorts: bothDirections('createdAt', 'name'),
    make: ({ fixture }) => [{ sql: resource('ROOM'), values: [fixture.clinicId] }],
  },
  'GET /api/v1/doctors/:id/schedule/exceptions': exceptions('(SELECT resource_id FROM doctor WHERE id = $3::uuid)'),
  'GET /api/v1/resources/:id/schedule/exceptions': exceptions('$3::uuid'),
  'GET /api/v1/clinics/:id/closures': {
    as: 'CLIENT',
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO clinic_closure (id, clinic_id, from_day, to_day)
              SELECT $1::uuid, $3::uuid, '2030-05-01', '2030-05-01'::date + $2::int`,
        values: [fixture.clinicId],
      },
    ],
  },
  'GET /api/v1/appointments': {
    as: 'CLIENT',
    sorts: bothDirections('startDateTime', 'createdAt', 'updatedAt'),
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency, updated_at)
              SELECT $1::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid, m, m + interval '1 hour', 'CANCELLED', 0, 'EGP', m
              FROM (SELECT ${MOMENT} AS m FROM (SELECT $2::int AS n) one) moment`,
        values: [fixture.clinicId, fixture.clientId, fixture.doctorId, fixture.serviceId],
      },
    ],
  },
  'GET /api/v1/waitlist': {
    as: 'CLIENT',
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO waitlist_entry (id, clinic_id, client_id, service_id, from_day, to_day, ends_at)
              SELECT $1::uuid, $3::uuid, $4::uuid, $5::uuid, '2100-01-01', '2100-01-02', '2100-01-03' WHERE $2::int >= 0`,
        values: [fixture.clinicId, fixture.clientId, fixture.serviceId],
      },
    ],
  },
  'GET /api/v1/appointments/:id/history': {
    as: 'STAFF',
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO audit_log (id, occurred_at, action, object_type, object_id)
              SELECT $1::uuid, ${MOMENT}, 'appointment.updated', 'appointment', $3::uuid FROM (SELECT $2::int AS n) one`,
        values: [fixture.confirmed],
      },
    ],
  },
  'GET /api/v1/calendars': {
    as: 'CLIENT',
    sorts: bothDirections('createdAt'),
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO calendar_feed (id, maker_id, detail, secret_hash)
              SELECT $1::uuid, $3::uuid, 'LIMITED', sha256($1::text::bytea) WHERE $2::int >= 0`,
        values: [fixture.clientUserId],
      },
    ],
  },
  'GET /api/v1/payments': {
    as: 'STAFF',
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO payment (id, clinic_id, client_id, kind, hold_id, service_id, doctor_id, start_at, price_minor, amount_minor,
                currency, tax_basis_points, provider, provider_order_id, created_by, created_at)
              SELECT $1::uuid, $3::uuid, $4::uuid, 'FULL', $1::uuid, $5::uuid, $6::uuid, now(), 100, $2::int + 1, 'EGP', 0, 'RAZORPAY',
                $1::text, $7::uuid, now()`,
        values: [fixture.clinicId, fixture.clientId, fixture.serviceId, fixture.doctorId, fixture.clientUserId],
      },
    ],
  },
  'GET /api/v1/referrals': {
    as: 'STAFF',
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO referral (id, clinic_id, client_id, service_id, valid_from, valid_to)
              SELECT $1::uuid, $3::uuid, $4::uuid, $5::uuid, '2026-01-01', '2026-02-01'::date + $2::int`,
        values: [fixture.clinicId, fixture.clientId, fixture.serviceId],
      },
    ],
  },
  'GET /api/v1/api-keys': {
    as: 'MANAGER',
    sorts: bothDirections('createdAt'),
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO api_key (id, maker_id, name, secret_hash, permissions, clinic_ids)
              SELECT $1::uuid, $3::uuid, 'Key ' || $2::int, sha256($1::text::bytea), ARRAY['appointment:read'], ARRAY[$4::uuid]`,
        values: [fixture.staffUserId, fixture.clinicId],
      },
    ],
  },
  'GET /api/v1/webhooks': {
    as: 'MANAGER',
    sorts: bothDirections('createdAt'),
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO webhook_endpoint (id, clinic_id, url, events, secret)
              SELECT $1::uuid, $3::uuid, 'https://hooks.invalid/' || $1::uuid, ARRAY['queue:updated'], '' WHERE $2::int >= 0`,
        values: [fixture.clinicId],
      },
    ],
  },
  'GET /api/v1/imports': {
    as: 'MANAGER',
    sorts: bothDirections('createdAt'),
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO import (id, clinic_id, created_by, kind, format, status, is_dry_run, layout)
              SELECT $1::uuid, $3::uuid, $4::uuid, 'clients', 'csv', 'MAPPING', true, '' WHERE $2::int >= 0`,
        values: [fixture.clinicId, fixture.staffUserId],
      },
    ],
  },
  'GET /api/v1/webhooks/:id/deliveries': {
    as: 'MANAGER',
    sorts: bothDirections('createdAt'),
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO webhook_delivery (id, endpoint_id, event_id, event, payload, occurred_at, state, next_attempt_at)
              SELECT $1::uuid, $3::uuid, $1::uuid, 'queue:updated', '{}', now(), 'DELIVERED', NULL WHERE $2::int >= 0`,
        values: [fixture.webhookId],
      },
    ],
  },
  // A manager does not see the rows that reading the audit log adds, which have no clinic.
  'GET /api/v1/audit-logs': {
    as: 'MANAGER',
    sorts: bothDirections('occurredAt'),
    filter: { action: 'test.done' },
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO audit_log (id, occurred_at, action, object_type, object_id, clinic_id)
              SELECT $1::uuid, ${MOMENT}, 'test.done', 'test', $1::uuid, $3::uuid FROM (SELECT $2::int AS n) one`,
        values: [fixture.clinicId],
      },
    ],
  },
  'GET /api/v1/favorites': {
    as: 'CLIENT',
    sorts: bothDirections('createdAt'),
    make: (world) => [
      ...doctor(world),
      {
        sql: `INSERT INTO favorite (id, user_id, doctor_id, created_at)
              SELECT $1::uuid, $3::uuid, $1::uuid, ${MOMENT} FROM (SELECT $2::int AS n) one`,
        values: [world.fixture.clientUserId],
      },
    ],
  },
  'GET /api/v1/notifications': { as: 'CLIENT', make: notification('IN_APP') },
  'GET /api/v1/notifications/log': { as: 'STAFF', make: notification('EMAIL') },
  'GET /api/v1/scans': {
    as: 'CLIENT',
    sorts: bothDirections('createdAt'),
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO scan (id, client_id, uploaded_by, format, original_bytes, original_sha256, total_bytes, renditions,
                                width, height, bit_depth, channels, frames, patient_mismatch)
              SELECT $1::uuid, $3::uuid, $4::uuid, 'PNG', 1, '', 1, '{}', 1, 1, 8, 1, 1, 'NOT_CHECKED' WHERE $2::int >= 0`,
        values: [fixture.clientId, fixture.clientUserId],
      },
    ],
  },
  'GET /api/v1/scan-sets': {
    as: 'CLIENT',
    sorts: bothDirections('createdAt'),
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO scan_set (id, client_id, uploaded_by, study_instance_uid)
              SELECT $1::uuid, $3::uuid, $4::uuid, $1::text WHERE $2::int >= 0`,
        values: [fixture.clientId, fixture.clientUserId],
      },
    ],
  },
  'GET /api/v1/faqs': {
    as: 'CLIENT',
    make: () => [
      {
        sql: `INSERT INTO faq (id, topic, locale, question, answer) SELECT $1::uuid, $1::text, 'en', 'Same', 'Same' WHERE $2::int >= 0`,
      },
    ],
  },
  'GET /api/v1/ai/conversations': {
    as: 'CLIENT',
    sorts: bothDirections('updatedAt'),
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO conversation (id, user_id, locale, updated_at, expires_at)
              SELECT $1::uuid, $3::uuid, 'en', ${MOMENT}, now() + interval '1 day' FROM (SELECT $2::int AS n) one`,
        values: [fixture.clientUserId],
      },
    ],
  },
  'GET /api/v1/ai/conversations/:id/messages': {
    as: 'CLIENT',
    call: ({ fixture, insiders }, n) =>
      app.call('POST', '/api/v1/ai/chat', {
        token: insiders.CLIENT,
        body: { conversationId: fixture.conversationId, message: `Where may I park my car number ${n}?` },
      }),
  },
  'GET /api/v1/break-glass': {
    as: 'CLIENT',
    make: ({ fixture }) => [
      {
        sql: `INSERT INTO break_glass (id, client_id, user_id, role, clinic_ids, opened_at, expires_at)
              VALUES ($1, $3, $4, 'STAFF', '{}', now(), now() + $2::int * interval '1 second')`,
        values: [fixture.clientId, fixture.staffUserId],
      },
    ],
  },
  'GET /api/v1/ai/stroke-assessments': {
    as: 'CLIENT',
    call: ({ insiders }) =>
      app.call('POST', '/api/v1/ai/stroke-assessment', { token: insiders.CLIENT, body: { symptoms: { face: true } } }),
  },
};

async function fill({ make, call }: Walk): Promise<void> {
  for (let n = 0; n < ROWS; n += 1) {
    if (call && n < ROWS / 3) await call(world, n);
    const id = newId();
    for (const { sql, values = [] } of make?.(world) ?? []) await app.db.query(sql, [id, n, ...values]);
  }
}

/** Returns the ids of all pages of the list. */
async function walk(route: string, { as, filter }: Walk, limit: number, sort?: string): Promise<string[]> {
  const path = TABLE[route]?.path(world.fixture) as string;
  const ids: string[] = [];
  let cursor: string | null = null;
  // Limited, because a cursor that does not advance would never end.
  for (let page = 0; page < 200; page += 1) {
    const query: URLSearchParams = new URLSearchParams({
      ...filter,
      limit: String(limit),
      ...(sort && { sort }),
      ...(cursor && { cursor }),
    });
    const answer: Answer = await app.call('GET', `${path}?${query.toString()}`, { token: world.insiders[as] });
    expect({ status: answer.status, code: answer.code }).toEqual({ status: 200, code: undefined });
    ids.push(...answer.data.map((row: { id?: string; doctorId?: string }) => row.id ?? row.doctorId));
    cursor = answer.body.meta.nextCursor;
    if (cursor === null) return ids;
  }
  throw new Error(`${route} has no end`);
}

async function isList(route: string): Promise<boolean> {
  const path = TABLE[route]?.path(world.fixture);
  for (const token of Object.values(world.insiders)) {
    const { status, body } = await app.call('GET', path as string, { token });
    if (status === 200) return body?.meta?.nextCursor !== undefined;
  }
  return false;
}

describe('every list', () => {
  it('is in this test', async () => {
    const lists: string[] = [];
    for (const route of liveRoutes(app.app).filter((name) => name.startsWith('GET /api/v1/'))) {
      if (await isList(route)) lists.push(route);
    }
    expect(lists.sort()).toEqual(Object.keys(WALKS).sort());
  });

  for (const [route, list] of Object.entries(WALKS)) {
    it(`${route} returns each row once, in every sort, with any page size`, async () => {
      await fill(list);
      for (const sort of list.sorts ?? [undefined]) {
        const whole = await walk(route, list, 100, sort);
        expect(new Set(whole).size).toBe(whole.length);
        expect(whole.length).toBeGreaterThanOrEqual(list.call ? ROWS / 3 : ROWS);
        // Pages of three rows, for lists with many demo rows, also separate rows of one time.
        const smallest = whole.length > rounds(3 * ROWS, 1_000) ? 3 : 1;
        for (const limit of [smallest, 5]) expect(await walk(route, list, limit, sort)).toEqual(whole);
      }
    });
  }

  it.each([
    ['letters of three bytes', 'क'.repeat(200)],
    ['emoji with variation selectors', '❤\ufe0f'.repeat(200)],
    ['emoji of four bytes', '😀'.repeat(200)],
  ])('returns cursors that it accepts, also for names of 200 %s', async (_, name) => {
    const token = world.insiders.MANAGER;
    const clinicId = world.fixture.clinicId;
    for (const ending of [1, 2]) {
      const body = {
        clinicId,
        name: `${name.slice(0, -name.length / 200)}${ending}`,
        durationMinutes: 30,
        price: { amount: 0, currency: 'EGP' },
      };
      const { status } = await app.call('POST', '/api/v1/services', { token, body });
      expect(status).toBe(201);
    }
    const list: Walk = { as: 'CLIENT' };
    const whole = await walk('GET /api/v1/services', list, 100, 'name');
    expect(await walk('GET /api/v1/services', list, 1, 'name')).toEqual(whole);
  });

  it('does not return the internal position of a row', async () => {
    const answer = await app.call('GET', '/api/v1/ai/conversations', { token: world.insiders.CLIENT });
    expect(JSON.stringify(answer.body)).not.toContain('keysetPosition');
  });
});
