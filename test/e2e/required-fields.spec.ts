import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Actor } from '../../src/core/kernel/actor.js';
import { TestApp, type Answer } from '../support/app.js';
import { Contract } from '../support/contract.js';
import { expectedStatus, TABLE, type Fixture, type Row } from './route-role.table.js';
import { emailIndex } from '../support/encrypted.js';

const { document } = Contract.fromFile();

interface Documented {
  method: string;
  row: Row;
  /** The names of the fields that are required or optional by the document. */
  query: { required: string[]; optional: string[] };
  body: { required: string[]; optional: string[] } | null;
}

/** All ids are unknown: this test checks only which fields a request needs. */
const unknownIds = new Proxy({} as Fixture, {
  get: (_, name) => {
    if (name === 'email') return 'somebody@example.org';
    if (name !== 'bookable') return randomUUID();
    return { serviceId: randomUUID(), doctorId: randomUUID(), startDateTime: '2030-02-01T09:00:00Z' };
  },
});

const resolve = (node: any): any => {
  if (!node?.$ref) return node;
  return node.$ref
    .split('/')
    .slice(1)
    .reduce((part: any, key: string) => part[key], document);
};

function documented(route: string): Documented {
  const [method = '', path = ''] = route.split(' ');
  const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')][method.toLowerCase()];
  const parameters = (operation.parameters ?? []).map(resolve);
  const inQuery = parameters.filter((parameter: any) => parameter.in === 'query');
  const names = (required: boolean): string[] =>
    inQuery.filter((parameter: any) => (parameter.required === true) === required).map(({ name }: any) => name);
  expect(parameters.filter((parameter: any) => parameter.in === 'header' && parameter.required)).toEqual([]);
  const schema = resolve(operation.requestBody?.content['application/json']?.schema);
  const required: string[] = schema?.required ?? [];
  return {
    method,
    row: TABLE[route] as Row,
    query: { required: names(true), optional: names(false) },
    body: schema?.properties && {
      required,
      optional: Object.keys(schema.properties).filter((name) => !required.includes(name)),
    },
  };
}

let app: TestApp;
type Account = Pick<Actor, 'userId' | 'clientId' | 'doctorId' | 'clinicIds'> & {
  role: 'ADMIN' | 'DOCTOR' | 'CLIENT' | 'STAFF';
};
let accounts: Account[];

beforeAll(async () => {
  app = await TestApp.start();
  const { rows } = await app.db.query(
    `SELECT u.id AS "userId", u.role, c.id AS "clientId", d.id AS "doctorId",
            ARRAY(SELECT clinic_id FROM user_clinic WHERE user_id = u.id) AS "clinicIds"
     FROM user_account u LEFT JOIN client c ON c.user_id = u.id LEFT JOIN doctor d ON d.user_id = u.id
     WHERE u.email_index = ANY ($1::bytea[])`,
    [
      await Promise.all(
        ['admin', 'doctor', 'patient', 'staff'].map((name) => emailIndex(app, `${name}@careslot.test`)),
      ),
    ],
  );
  accounts = rows;
});

afterAll(() => app.close());

/** Returns the fields that are invalid by the answers to all callers who may use the route. */
async function findInvalidFields(callers: Account[], method: string, path: string, body?: object): Promise<string[]> {
  const found: string[][] = [];
  for (const caller of callers) {
    // Each token has its own session, so that a sign-out does not end another one.
    const token = app.tokenFor(caller);
    const answer = await app.call(method, path, { token, ...(body && { body }) });
    if (answer.status !== 403 && answer.status !== 401) found.push(toErrorFields(answer));
  }
  const [first = [], ...others] = found;
  return first.filter((field) => others.every((fields) => fields.includes(field)));
}

function toErrorFields({ status, body }: Answer): string[] {
  if (status !== 400) return [];
  const details: { field: string }[] | undefined = body.error?.details;
  if (Array.isArray(details)) return details.map(({ field }) => field.split(/[.[]/)[0] as string);
  // Answers without an envelope name the fields in their message: "Some fields are not valid: email must be an email."
  return [...String(body.error).matchAll(/(?:[:;] )(\w+)/g)].map(([, field]) => field as string);
}

/** Routes that need one of several fields, which generators of clients do not understand in a schema. */
const ONE_OF_SEVERAL: Record<string, string[]> = {
  'POST /api/v1/appointments/bulk': ['appointmentIds'],
  'POST /api/v1/payments/orders': ['holdId'],
  'POST /api/v1/ai/stroke-assessment': ['symptoms'],
  'POST /api/ai/assessment': ['symptoms'],
  'POST /api/ai/stroke-assessment': ['symptoms'],
  'POST /api/ai/analyze-image': ['scanId'],
  'POST /api/ai/scan-image': ['scanId'],
  'POST /api/ai/stroke-image/predict': ['scanId'],
  'POST /api/auth/register': ['name'],
  'POST /api/bookings': ['startDateTime'],
};

function pathWithout(path: string, names: string[]): string {
  const url = new URL(path, 'http://localhost');
  for (const name of names) url.searchParams.delete(name);
  return `${url.pathname}${url.search}`;
}

const pick = (body: object, names: string[]): object =>
  Object.fromEntries(Object.entries(body).filter(([name]) => names.includes(name)));

describe('the server requires exactly the fields that the document marks as required (I-06)', () => {
  for (const route of Object.keys(TABLE)) {
    it(route, async () => {
      const { method, row, query, body } = documented(route);
      const good = row.body?.(unknownIds) as Record<string, unknown> | undefined;
      const path = row.path(unknownIds);
      const allowed = accounts.filter(({ role }) => expectedStatus(route, role) !== 403);
      // A few routes check the fields first, and then refuse everyone without a fresh proof of identity.
      const callers = allowed.length > 0 ? allowed : accounts;
      const findInvalid = (to: string, body?: object): Promise<string[]> =>
        findInvalidFields(callers, method, to, body);

      for (const name of query.required) {
        expect({
          without: name,
          invalid: await findInvalid(pathWithout(path, [name]), good),
        }).toMatchObject({
          invalid: expect.arrayContaining([name]),
        });
      }
      const bare = await findInvalid(pathWithout(path, query.optional), good);
      expect(bare.filter((name) => query.optional.includes(name))).toEqual([]);

      if (!body || row.form) return;
      for (const name of body.required) {
        const without = pick(
          good ?? {},
          body.required.filter((other) => other !== name),
        );
        expect({ without: name, invalid: await findInvalid(path, without) }).toMatchObject({
          invalid: expect.arrayContaining([name]),
        });
      }
      const least = pick(good ?? {}, [
        ...body.required,
        ...(ONE_OF_SEVERAL[route.replace('/api/main/', '/api/')] ?? []),
      ]);
      const missed = await findInvalid(path, least);
      expect(missed.filter((name) => body.optional.includes(name))).toEqual([]);
    });
  }
});
