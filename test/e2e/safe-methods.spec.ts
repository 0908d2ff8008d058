import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LinkTokens } from '../../src/modules/notifications/link-tokens.js';
import { TestApp } from '../support/app.js';
import { plantCanaries, type CanaryWorld } from '../support/canaries.js';
import { at } from '../support/clinic.js';
import { liveRoutes } from '../support/live-routes.js';
import { isLongForm } from '../support/long-form.js';
import { allPublished } from '../support/outbox.js';
import { expectedStatus, TABLE, type Caller } from './route-role.table.js';

/** GET and HEAD change nothing (docs/complaints.md, 23). */

/**
 * The relay's lease, which is renewed periodically; the audit log, which also contains reads; and the numbers for the
 * mobile client, which are assigned when an object is first returned.
 */
const EXCLUDED_TABLES = new Set(['outbox_relay', 'audit_log', 'neuroaid_id']);

let app: TestApp;
let world: CanaryWorld;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  world = await plantCanaries(app);
});

afterAll(() => app.close());

async function hashes(): Promise<Record<string, string>> {
  const { rows } = await app.db.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const found: Record<string, string> = {};
  for (const { name } of rows) {
    if (EXCLUDED_TABLES.has(name)) continue;
    const hash = await app.db.query(
      `SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS of FROM ${name} t`,
    );
    found[name] = hash.rows[0].of;
  }
  return found;
}

const readAuditLog = async (): Promise<string[]> =>
  (await app.db.query<{ row: string }>(`SELECT a::text AS row FROM audit_log a ORDER BY id`)).rows.map(
    ({ row }) => row,
  );

it('every GET and HEAD of every route by every caller leaves all tables unchanged, except for audit rows of reads', async () => {
  const booked = await app.call('POST', '/api/v1/appointments', {
    token: world.insiders.CLIENT,
    body: { ...world.fixture.bookable, startDateTime: at(26) },
  });
  const start = Date.parse(booked.data.startDateTime);
  const links = app.app.get(LinkTokens);
  const link = (action: 'confirm' | 'cancel'): string =>
    new URL(links.url({ action, appointmentId: booked.data.id, start })).pathname;
  const unsubscribe = {
    action: 'unsubscribe' as const,
    userId: world.fixture.clientUserId,
    kind: 'APPOINTMENT_BOOKED' as const,
  };
  const routes = liveRoutes(app.app).filter((route) => route.startsWith('GET '));
  expect(routes.length).toBeGreaterThan(45);
  const paths = routes.map((route) => TABLE[route]?.path(world.fixture) as string);
  paths.push(link('confirm'), link('cancel'), new URL(links.url(unsubscribe)).pathname);
  await allPublished(app);

  const [before, audited] = [await hashes(), await readAuditLog()];
  const callers: [name: Caller | undefined, token: string | undefined][] = [
    ...(Object.entries({ ...world.insiders, ...world.outsiders }) as [Caller, string | undefined][]),
    [undefined, world.manager],
  ];
  const statuses = new Set<number>();
  for (const [caller, token] of callers) {
    for (const [index, path] of paths.entries()) {
      const headers = { 'x-http-method-override': 'DELETE', 'idempotency-key': 'of-a-read' };
      const { status } = await app.call('GET', path, { token, headers });
      statuses.add(status);
      const route = routes[index];
      // The links are in no route's row, and the manager of another clinic is not in the table.
      if (!route) expect({ path, status }).toEqual({ path, status: 200 });
      else if (caller)
        expect({ caller, route, status }).toEqual({ caller, route, status: expectedStatus(route, caller) });
      else expect({ route, isRead: [200, 403, 404].includes(status) }).toEqual({ route, isRead: true });
      // A refused HEAD request is like a refused GET request.
      if (status === 200 || isLongForm)
        await fetch(app.url + path, { method: 'HEAD', headers: token ? { authorization: `Bearer ${token}` } : {} });
    }
  }
  // Some were answered, and some were rejected.
  expect([...statuses]).toEqual(expect.arrayContaining([200, 401, 403, 404]));
  expect(await hashes()).toEqual(before);

  const after = await readAuditLog();
  expect(after.slice(0, audited.length)).toEqual(audited);
  const { rows } = await app.db.query<{ action: string }>(
    `SELECT DISTINCT action FROM (SELECT action FROM audit_log ORDER BY id OFFSET $1) AS newer ORDER BY 1`,
    [audited.length],
  );
  expect(rows.length).toBeGreaterThan(3);
  for (const { action } of rows) expect(action).toMatch(/^\w+\.(\w+-)?read$|^\w+\.export(ed|-ended)$|^access\.denied$/);
}, 240_000);
