import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { EncryptedColumn } from '../../src/core/encryption/encrypted-column.js';
import { newId } from '../../src/core/kernel/id.js';
import type { Actor } from '../../src/core/kernel/actor.js';
import { TestApp } from '../support/app.js';
import { changeContacts, emailIndex, encrypted } from '../support/encrypted.js';
import { liveRoutes } from '../support/live-routes.js';
import { insertApiKey, type TestKey } from '../support/api-keys.js';
import { FakeRazorpay } from '../support/fake-razorpay.js';
import { freeStarts } from '../support/slots.js';
import { RouteCheck } from '../../src/core/http/route-check.js';
import { API_KEY_PERMISSIONS, isForApiKeys, type Permission } from '../../src/core/security/permissions.js';
import { API_KEY_ROUTES } from './api-key-routes.js';
import { NOTIFICATION_BODY, NOTIFICATION_TITLE } from '../../src/modules/notifications/index.js';
import { IMPORT_LAYOUT } from '../../src/modules/exchange/index.js';
import { WEBHOOK_SECRET } from '../../src/modules/webhooks/index.js';
import { createSecret } from '../../src/modules/webhooks/webhook-signature.js';
import { closeProviders } from './identity-route-successes.js';
import { callWithSuccess } from './route-successes.js';
import { CALLERS, expectedStatus, TABLE, type Caller, type Fixture, type Row } from './route-role.table.js';

type Identity = Omit<Actor, 'sessionId'>;

let app: TestApp;
let razorpay: FakeRazorpay;
let identities: Record<Exclude<Caller, 'none'>, Identity>;
let cairo: string;
let starts: string[];
let bookable: { serviceId: string; doctorId: string };
/** The hours from now to the start of the last created appointment. The first ones are later than all of `starts`. */
let hour = 1_000;

beforeAll(async () => {
  razorpay = await new FakeRazorpay().start();
  app = await TestApp.start({ SCAN_CLIENT_MAX_COUNT: '100000', ...razorpay.environment });
  const [patient, other] = await app.patients(2);
  const one = async (sql: string, values: unknown[] = []): Promise<any> => (await app.db.query(sql, values)).rows[0];
  const staff = async (email: string): Promise<any> =>
    one(
      `SELECT u.id AS "userId", u.role, d.id AS "doctorId", ARRAY(SELECT clinic_id FROM user_clinic WHERE user_id = u.id) AS "clinicIds"
       FROM user_account u LEFT JOIN doctor d ON d.user_id = u.id WHERE u.email_index = $1`,
      [await emailIndex(app, email)],
    );
  const doctor = await staff('doctor@careslot.test');
  cairo = doctor.clinicIds[0];
  const colleague = await one(`SELECT id FROM doctor WHERE clinic_id = $1 AND user_id IS NULL LIMIT 1`, [cairo]);
  const account = newId();
  await app.db.query(`INSERT INTO user_account (id, role, first_name, last_name) VALUES ($1, 'DOCTOR', 'D', 'Two')`, [
    account,
  ]);
  await changeContacts(app, account, { email: 'd2@test.test' });
  await app.db.query(`UPDATE doctor SET user_id = $1 WHERE id = $2`, [account, colleague.id]);
  await app.db.query(`INSERT INTO user_clinic (user_id, clinic_id) VALUES ($1, $2)`, [account, cairo]);
  // One patient gets the appointments of all routes.
  await app.db.query(`UPDATE clinic SET max_upcoming_per_client = NULL`);
  await app.db.query(`INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())`, [
    patient?.clientId,
    cairo,
  ]);
  const plain = { clientId: null, doctorId: null, clinicIds: [] };
  identities = {
    CLIENT: { ...plain, userId: patient?.userId as string, role: 'CLIENT', clientId: patient?.clientId as string },
    'other CLIENT': { ...plain, userId: other?.userId as string, role: 'CLIENT', clientId: other?.clientId as string },
    DOCTOR: { ...plain, ...doctor },
    'other DOCTOR': { ...plain, userId: account, role: 'DOCTOR', doctorId: colleague.id, clinicIds: [cairo] },
    'other STAFF': { ...plain, ...(await staff('staff2@careslot.test')) },
    STAFF: { ...plain, ...(await staff('staff@careslot.test')) },
    MANAGER: { ...plain, ...(await staff('manager@careslot.test')) },
    ADMIN: { ...plain, ...(await staff('admin@careslot.test')) },
  };
  bookable = await one(
    `SELECT s.id AS "serviceId", sd.doctor_id AS "doctorId" FROM service s JOIN service_doctor sd ON sd.service_id = s.id WHERE s.name = 'Video visit' LIMIT 1`,
  );
  starts = await freeStarts(app, bookable);
});

afterAll(async () => {
  await closeProviders();
  await app.close();
  await razorpay.close();
});

/** Objects of one call. A row is created when its id is read first, and `save` inserts the new rows in one round trip. */
interface Objects {
  ids: Fixture;
  save: () => Promise<void>;
}

function fixture(): Objects {
  const owner = identities.CLIENT;
  const statements: string[] = [];
  const run = (sql: string, values: unknown[]): void => {
    statements.push(sql.replace(/\$(\d+)/g, (_, n: string) => pg.escapeLiteral(String(values[Number(n) - 1]))));
  };
  const insert = (sql: string, values: unknown[]): string => {
    const id = newId();
    run(sql, [id, ...values]);
    return id;
  };
  const resource = (kind: string): string =>
    insert(`INSERT INTO resource (id, clinic_id, kind, name) VALUES ($1, $2, $3, 'Of the test')`, [cairo, kind]);
  const exception = (resourceId: string): string =>
    insert(
      `INSERT INTO schedule_exception (id, resource_id, kind, from_day, to_day) VALUES ($1, $2, 'CLOSED', '2027-03-01', '2027-03-02')`,
      [resourceId],
    );
  const appointment = (status: string, [start, end] = [inHours((hour += 1)), inHours(hour + 1)]): string =>
    insert(
      `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency,
                                checked_in_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 'EGP', now())`,
      [cairo, owner.clientId, identities.DOCTOR.doctorId, bookable.serviceId, start, end, status],
    );
  const notification = (channel: string, state: string): string => {
    const id = insert(
      `INSERT INTO notification (id, user_id, clinic_id, kind, channel, state, due_at, next_attempt_at, sent_at)
       VALUES ($1, $2, $3, 'MESSAGE_FROM_CLINIC', $4, $5, now(), now(), now())`,
      [owner.userId, cairo, channel, state],
    );
    const bytes = (column: EncryptedColumn, text: string): string =>
      `\\x${encrypted(app, column, text, id).toString('hex')}`;
    const texts = [bytes(NOTIFICATION_TITLE, 'A message'), bytes(NOTIFICATION_BODY, 'Please come early.')];
    if (channel === 'IN_APP') run('UPDATE notification SET title = $2, body = $3 WHERE id = $1', [id, ...texts]);
    return id;
  };
  const scan = (): string => {
    const id = insert(
      `INSERT INTO scan (id, client_id, uploaded_by, format, original_bytes, original_sha256, total_bytes, renditions,
                         width, height, bit_depth, channels, frames, patient_mismatch)
       VALUES ($1, $2, $3, 'PNG', 1, '', 1, '{}', 1, 1, 8, 1, 1, 'NOT_CHECKED')`,
      [owner.clientId, owner.userId],
    );
    insert(
      `INSERT INTO scan_analysis (id, scan_id, state, requested_by, model_id, score, input_sha256)
       VALUES ($1, $2, 'DRAFT', $3, 'm', 0.5, '')`,
      [id, owner.userId],
    );
    return id;
  };
  const scanSet = (): string => {
    const id = insert(
      `INSERT INTO scan_set (id, client_id, uploaded_by, study_instance_uid) VALUES ($1::uuid, $2, $3, $1::text)`,
      [owner.clientId, owner.userId],
    );
    insert(
      `INSERT INTO scan_analysis (id, scan_set_id, state, requested_by, model_id, score, input_sha256)
       VALUES ($1, $2, 'DRAFT', $3, 'm', 0.5, '')`,
      [id, owner.userId],
    );
    return id;
  };
  const staff = (): string => {
    const id = insert(`INSERT INTO user_account (id, role, first_name, last_name) VALUES ($1, 'STAFF', 'S', 'T')`, []);
    run(`INSERT INTO user_clinic (user_id, clinic_id) VALUES ($1, $2)`, [id, cairo]);
    return id;
  };
  const webhook = (): string => {
    const id = insert(
      `INSERT INTO webhook_endpoint (id, clinic_id, url, events, secret)
       VALUES ($1::uuid, $2, 'https://hooks.invalid/' || $1::uuid, '{appointment:cancelled}', '')`,
      [cairo],
    );
    const secret = encrypted(app, WEBHOOK_SECRET, createSecret(), id);
    run('UPDATE webhook_endpoint SET secret = $2 WHERE id = $1', [id, `\\x${secret.toString('hex')}`]);
    return id;
  };
  const importWithoutFields = (): string => {
    const id = insert(
      `INSERT INTO import (id, clinic_id, created_by, kind, format, status, is_dry_run, layout)
       VALUES ($1, $2, $3, 'clients', 'csv', 'MAPPING', true, '')`,
      [cairo, identities.MANAGER.userId],
    );
    const layout = { headerRow: 1, columns: [], ambiguous: [], dateFormat: null, currency: null };
    const sealed = encrypted(app, IMPORT_LAYOUT, layout, id);
    run('UPDATE import SET layout = $2 WHERE id = $1', [id, `\\x${sealed.toString('hex')}`]);
    return id;
  };
  const queueEntry = (columns: string, values: string, ids: unknown[]): string =>
    insert(
      `INSERT INTO queue_entry (id, clinic_id, day, number, ${columns})
       SELECT $1, $2, d.day, (SELECT coalesce(max(number), 0) + 1 FROM queue_entry WHERE clinic_id = $2 AND day = d.day), ${values}
       FROM (SELECT (now() AT TIME ZONE k.time_zone)::date AS day FROM clinic k WHERE k.id = $2) d`,
      [cairo, ...ids],
    );
  const ids: Fixture & { person: string } = lazily<Fixture & { person: string }>({
    person: () => resource('PERSONNEL'),
    clinicId: () => cairo,
    doctorId: () =>
      insert(
        `INSERT INTO doctor (id, clinic_id, resource_id, first_name, last_name, speciality) VALUES ($1, $2, $3, 'A', 'B', 'C')`,
        [cairo, ids.person],
      ),
    serviceId: () =>
      insert(`INSERT INTO service (id, clinic_id, name, duration_minutes, currency) VALUES ($1, $2, 'S', 30, 'EGP')`, [
        cairo,
      ]),
    resourceId: () => resource('ROOM'),
    doctorExceptionId: () => exception(ids.person),
    resourceExceptionId: () => exception(ids.resourceId),
    closureId: () =>
      insert(
        `INSERT INTO clinic_closure (id, clinic_id, from_day, to_day) VALUES ($1, $2, '2027-03-01', '2027-03-02')`,
        [cairo],
      ),
    clientId: () => owner.clientId as string,
    clientUserId: () => owner.userId,
    staffUserId: staff,
    confirmed: () => appointment('CONFIRMED'),
    pending: () => appointment('PENDING'),
    arrived: () => appointment('CONFIRMED', [inHours(0), inHours(1)]),
    inProgress: () => appointment('IN_PROGRESS'),
    faqId: () =>
      insert(`INSERT INTO faq (id, topic, locale, question, answer) VALUES ($1::uuid, $1::text, 'en', 'Q', 'A')`, []),
    conversationId: () =>
      insert(
        `INSERT INTO conversation (id, user_id, locale, expires_at) VALUES ($1, $2, 'en', now() + interval '1 day')`,
        [owner.userId],
      ),
    inboxEntryId: () => notification('IN_APP', 'SENT'),
    deadLetterId: () => notification('EMAIL', 'FAILED'),
    deviceId: () =>
      insert(`INSERT INTO notification_device (id, user_id, token, platform) VALUES ($1::uuid, $2, $1::text, 'WEB')`, [
        owner.userId,
      ]),
    bookable: () => ({ ...bookable, startDateTime: starts.shift() as string }),
    email: () => `${newId()}@matrix.test`,
    queueEntryId: () => queueEntry('appointment_id', '$3', [ids.arrived]),
    walkInId: () =>
      queueEntry('client_id, doctor_id, service_id, arrived_at', '$3, $4, $5, now()', [
        owner.clientId,
        identities.DOCTOR.doctorId,
        bookable.serviceId,
      ]),
    waitlistEntryId: () =>
      insert(
        `INSERT INTO waitlist_entry (id, clinic_id, client_id, service_id, from_day, to_day, ends_at)
       VALUES ($1, $2, $3, $4, '2027-01-01', '2027-02-01', '2027-02-02')`,
        [cairo, owner.clientId, ids.serviceId],
      ),
    holdId: () =>
      insert(
        `INSERT INTO hold (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, expires_at, created_at)
       VALUES ($1, $2, $3, $4, $5, now() + interval '1 day', now() + interval '25 hours', now() + interval '10 minutes', now())`,
        [cairo, owner.clientId, bookable.doctorId, bookable.serviceId],
      ),
    referralId: () =>
      insert(
        `INSERT INTO referral (id, clinic_id, client_id, service_id, valid_from, valid_to)
       VALUES ($1, $2, $3, $4, now(), now() + interval '30 days')`,
        [cairo, owner.clientId, bookable.serviceId],
      ),
    ownDoctorId: () => identities.DOCTOR.doctorId as string,
    paymentId: () =>
      insert(
        `INSERT INTO payment (id, clinic_id, client_id, kind, hold_id, service_id, doctor_id, start_at, price_minor, amount_minor,
           currency, tax_basis_points, status, provider, provider_order_id, provider_payment_id, receipt_number, created_by,
           created_at, paid_at, is_settled)
         SELECT $1::uuid, $2, $3, 'FULL', $1::uuid, $4, $5, now(), 50000, 50000, 'EGP', 0, 'PAID', 'RAZORPAY', 'order_' || $1::text,
           'pay_' || $1::text, (SELECT count(*)::int + 1000000 FROM payment), $6, now(), now(), true`,
        [cairo, owner.clientId, bookable.serviceId, bookable.doctorId, owner.userId],
      ),
    calendarFeedId: () =>
      insert(
        `INSERT INTO calendar_feed (id, maker_id, detail, secret_hash) VALUES ($1::uuid, $2, 'LIMITED', sha256($1::text::bytea))`,
        [owner.userId],
      ),
    scanId: () => scan(),
    scanSetId: scanSet,
    apiKeyId: () =>
      insert(
        `INSERT INTO api_key (id, maker_id, name, secret_hash, permissions, clinic_ids)
       VALUES ($1, $2, 'A machine', sha256(''), '{appointment:read}', ARRAY[$3]::uuid[])`,
        [identities.MANAGER.userId, cairo],
      ),
    webhookId: webhook,
    importId: importWithoutFields,
    webhookDeliveryId: () =>
      insert(
        `INSERT INTO webhook_delivery (id, endpoint_id, event_id, event, payload, occurred_at, state, next_attempt_at)
         VALUES ($1::uuid, $2, $1::uuid, 'appointment:cancelled', '{}', now(), 'DELIVERED', NULL)`,
        [ids.webhookId],
      ),
  });
  return {
    ids,
    save: async () => {
      const sql = statements.splice(0).join(';');
      if (sql) await app.db.query(sql);
    },
  };
}

/** Returns an object whose properties are computed when they are read first. */
function lazily<T extends object>(makers: { [Name in keyof T]: () => T[Name] }): T {
  const made = {} as T;
  for (const name of Object.keys(makers) as (keyof T)[]) {
    const get = (): T[typeof name] => {
      const value = makers[name]();
      Object.defineProperty(made, name, { enumerable: true, value });
      return value;
    };
    Object.defineProperty(made, name, { enumerable: true, configurable: true, get });
  }
  return made;
}

const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

/** Calls a route with objects, which it creates before. */
async function call(route: string, token: string | undefined, { ids, save }: Objects): Promise<number> {
  const row = TABLE[route] as Row;
  const [path, body, form] = [row.path(ids), row.body?.(ids), row.form?.(ids)];
  await save();
  const options = { token, ...(body && { body }), ...(form && { form }) };
  return (await app.call(route.split(' ')[0] as string, path, options)).status;
}

/** Creates new sessions of all callers for each route, so that a sign-out does not end another one. */
async function createTokens(): Promise<Record<Caller, string | undefined>> {
  const sessions = Object.entries(identities).map(([caller, identity]) => ({ caller, identity, sessionId: newId() }));
  await app.db.query(
    `INSERT INTO session (id, user_id, refresh_hash, expires_at, absolute_expires_at)
     SELECT s.*, '', now() + interval '1 day', now() + interval '1 day' FROM unnest($1::uuid[], $2::uuid[]) AS s`,
    [sessions.map(({ sessionId }) => sessionId), sessions.map(({ identity }) => identity.userId)],
  );
  const tokens = sessions.map(({ caller, identity, sessionId }) => [caller, app.tokenFor({ ...identity, sessionId })]);
  return { none: undefined, ...Object.fromEntries(tokens) };
}

describe('every route returns the status of the table to each caller (Z-01, Z-07)', () => {
  it('the table contains exactly the routes of the application (Z-01, Z-07)', () => {
    expect(liveRoutes(app.app).sort()).toEqual(Object.keys(TABLE).sort());
  });

  for (const [route, row] of Object.entries(TABLE)) {
    it(route, async () => {
      const answered: Record<string, number> = {};
      const [method] = route.split(' ');
      // Reads and refused calls change nothing, so they share their objects.
      const shared = fixture();
      const tokens = await createTokens();
      for (const [index, caller] of CALLERS.entries()) {
        const isShared = method === 'GET' || (row.expect[index] as number) >= 300;
        answered[caller] = await call(route, tokens[caller], isShared ? shared : fixture());
      }
      expect(answered).toEqual(Object.fromEntries(CALLERS.map((caller, index) => [caller, row.expect[index]])));
      // Each answer was checked against the OpenAPI document, so each route needs one success.
      if (Object.values(answered).some((status) => status < 300)) return;
      const { ids, save } = fixture();
      const all = { ...ids };
      await save();
      expect((await callWithSuccess(route, app, all)).status).toBeLessThan(300);
    });
  }
});

describe('an API key', () => {
  let permissions: Map<string, Permission>;

  beforeAll(() => {
    const routes = app.app.get(RouteCheck, { strict: false }).routes();
    permissions = new Map(routes.map(({ method, path, operation }) => [`${method} ${path}`, operation.permission]));
  });

  const createKey = (clinicIds: readonly string[], granted?: readonly string[]): Promise<TestKey> =>
    insertApiKey(app, { makerId: identities.ADMIN.userId, clinicIds, ...(granted && { permissions: granted }) });

  it('reaches exactly the routes of its list, besides public ones', () => {
    const reachable = Object.keys(TABLE).filter((route) => isForApiKeys(permissions.get(route) as string));
    expect(reachable.sort()).toEqual([...API_KEY_ROUTES].sort());
  });

  it('with all permissions gets the answers of the front desk there, and 403 on all other routes', async () => {
    const [here, there] = [
      await createKey(identities.STAFF.clinicIds),
      await createKey(identities['other STAFF'].clinicIds),
    ];
    // For reads and refused calls, which change nothing.
    const shared = fixture();
    const answered: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    for (const route of Object.keys(TABLE)) {
      const permission = permissions.get(route);
      const isReachable = permission === 'public' || API_KEY_ROUTES.includes(route);
      const isShared = !isReachable || route.startsWith('GET ');
      const of = ({ key }: TestKey): Promise<number> => call(route, key, isShared ? shared : fixture());
      answered[route] = [permission, await of(here), await of(there)];
      expected[route] = [
        permission,
        isReachable ? expectedStatus(route, 'STAFF') : 403,
        isReachable ? expectedStatus(route, 'other STAFF') : 403,
      ];
    }
    expect(answered).toEqual(expected);
  }, 300_000);

  it('gets 403 on every route that needs another permission than its only one', async () => {
    const made = fixture();
    for (const granted of API_KEY_PERMISSIONS) {
      const { key } = await createKey(identities.STAFF.clinicIds, [granted]);
      const statuses: Record<string, number> = {};
      for (const route of API_KEY_ROUTES.filter((one) => permissions.get(one) !== granted)) {
        const status = await call(route, key, made);
        if (status !== 403) statuses[route] = status;
      }
      expect({ granted, statuses }).toEqual({ granted, statuses: {} });
    }
  });
});
