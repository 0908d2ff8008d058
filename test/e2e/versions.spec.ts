import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer } from '../support/app.js';
import { aService, openClinic } from '../support/clinic.js';

/** Updates of records with a version: one implementation for several features, the same behaviour for all records. */

let app: TestApp;
let admin: string;
const paths = new Map<string, string>();

beforeAll(async () => {
  app = await TestApp.start();
  const clinic = await openClinic(app, { rooms: 1 });
  admin = clinic.admin;
  const [patient] = await app.patients(1);
  const faq = { topic: 'parking', locale: 'en', question: 'Where can I park?', answer: 'Behind the house.' };
  const { data } = await app.call('POST', '/api/v1/faqs', { token: admin, body: faq });
  paths.set('clinic', `clinics/${clinic.id}`);
  paths.set('doctor', `doctors/${clinic.doctorIds[0]}`);
  paths.set('service', `services/${await aService(app, clinic)}`);
  paths.set('resource', `resources/${clinic.roomIds[0]}`);
  paths.set('user', `users/${patient?.userId}`);
  paths.set('client', `clients/${patient?.clientId}`);
  paths.set('faq', `faqs/${data.id}`);
});

afterAll(() => app.close());

const path = (type: string): string => `/api/v1/${paths.get(type)}`;
const read = async (type: string): Promise<any> => (await app.call('GET', path(type), { token: admin })).data;

const update = (type: string, body: object, version: number | null): Promise<Answer> =>
  app.call('PUT', path(type), {
    token: admin,
    body,
    headers: version === null ? {} : { 'if-match': `"${version}"` },
  });

async function countUpdates(type: string): Promise<number> {
  const { rows } = await app.db.query(
    `SELECT FROM audit_log WHERE action = $1 AND object_id = split_part($2, '/', 5)::uuid`,
    [`${type}.updated`, path(type)],
  );
  return rows.length;
}

describe.each([
  ['clinic', 'name'],
  ['doctor', 'bio'],
  ['service', 'name'],
  ['resource', 'name'],
  ['user', 'firstName'],
  ['client', 'address'],
  ['client', 'lastName'],
  ['faq', 'answer'],
])('a %s whose %s is changed', (type, field) => {
  it('gets the next version and is audited once', async () => {
    const [before, updates] = [await read(type), await countUpdates(type)];
    const { status, data } = await update(type, { [field]: 'Changed' }, before.version);
    expect([status, data.version, data[field]]).toEqual([200, before.version + 1, 'Changed']);
    expect(await read(type)).toMatchObject({ version: before.version + 1, [field]: 'Changed' });
    expect(await countUpdates(type)).toBe(updates + 1);
  });

  it('stays as it is if the request has an old version', async () => {
    const [before, updates] = [await read(type), await countUpdates(type)];
    const refused = await update(type, { [field]: 'Too late' }, before.version - 1);
    expect(refused).toMatchObject({ status: 412, code: 'VERSION_MISMATCH' });
    expect(await read(type)).toEqual(before);
    expect(await countUpdates(type)).toBe(updates);
  });

  it('gets one of two changes that were sent with the same version at the same time', async () => {
    const { version } = await read(type);
    const both = await Promise.all(['One', 'Two'].map((value) => update(type, { [field]: value }, version)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    const winner = both.find(({ status }) => status === 200);
    expect(await read(type)).toMatchObject({ version: version + 1, [field]: winner?.data[field] });
  });

  it('is changed without If-Match, whatever its version is', async () => {
    const { version } = await read(type);
    expect(await update(type, { [field]: 'Any' }, null)).toMatchObject({ status: 200, data: { version: version + 1 } });
  });
});
