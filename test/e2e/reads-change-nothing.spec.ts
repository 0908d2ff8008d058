import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LinkTokens } from '../../src/modules/notifications/link-tokens.js';
import { TestApp } from '../support/app.js';
import { plantCanaries, type CanaryWorld } from '../support/canaries.js';
import { at } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { liveRoutes } from '../support/live-routes.js';
import { TABLE } from './route-role.table.js';

/** Complaint 23: a GET is safe. */

/**
 * The relay's own lease, renewed by the clock; the trace of who read what, which only grows; and the numbers by which the
 * mobile client knows objects, assigned when an object is first shown.
 */
const NOT_OF_READS = new Set(['outbox_relay', 'audit_log', 'neuroaid_id']);

let app: TestApp;
let world: CanaryWorld;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  world = await plantCanaries(app);
}, 60_000);

afterAll(() => app.close());

async function hashes(): Promise<Record<string, string>> {
  const { rows } = await app.db.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const found: Record<string, string> = {};
  for (const { name } of rows) {
    if (NOT_OF_READS.has(name)) continue;
    const hash = await app.db.query(
      `SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS of FROM ${name} t`,
    );
    found[name] = hash.rows[0].of;
  }
  return found;
}

const traces = async (): Promise<string[]> =>
  (await app.db.query<{ row: string }>(`SELECT a::text AS row FROM audit_log a ORDER BY id`)).rows.map(
    ({ row }) => row,
  );

it('every GET and HEAD, of every route, by everybody, leaves every table as it was but for the trace of reading', async () => {
  const visit = await app.call('POST', '/api/v1/appointments', {
    token: world.insiders.CLIENT,
    body: { ...world.fixture.bookable, startDateTime: at(26) },
  });
  const start = Date.parse(visit.data.startDateTime);
  const links = app.app.get(LinkTokens);
  const link = (action: 'confirm' | 'cancel'): string =>
    new URL(links.url({ action, appointmentId: visit.data.id, start })).pathname;
  const unsubscribe = {
    action: 'unsubscribe' as const,
    userId: world.fixture.clientUserId,
    kind: 'APPOINTMENT_BOOKED' as const,
  };
  const routes = liveRoutes(app.app).filter((route) => route.startsWith('GET '));
  expect(routes.length).toBeGreaterThan(45);
  const paths = routes.map((route) => TABLE[route]?.path(world.fixture) as string);
  paths.push(link('confirm'), link('cancel'), new URL(links.url(unsubscribe)).pathname);
  await eventually(async () => {
    const { rows } = await app.db.query('SELECT FROM outbox WHERE published_at IS NULL');
    expect(rows).toEqual([]);
  });

  const [before, traced] = [await hashes(), await traces()];
  const callers = [...Object.values(world.insiders), ...Object.values(world.outsiders), world.manager];
  const statuses = new Set<number>();
  for (const token of callers) {
    for (const path of paths) {
      const headers = { 'x-http-method-override': 'DELETE', 'idempotency-key': 'of-a-read' };
      const { status } = await app.call('GET', path, { token, headers });
      statuses.add(status);
      expect({ path, status: status < 500 }).toEqual({ path, status: true });
      await fetch(app.url + path, { method: 'HEAD', headers: token ? { authorization: `Bearer ${token}` } : {} });
    }
  }
  // It went through: most were answered, and some were refused.
  expect([...statuses]).toEqual(expect.arrayContaining([200, 401, 403, 404]));
  expect(await hashes()).toEqual(before);

  const after = await traces();
  expect(after.slice(0, traced.length)).toEqual(traced);
  const { rows } = await app.db.query<{ action: string }>(
    `SELECT DISTINCT action FROM (SELECT action FROM audit_log ORDER BY id OFFSET $1) AS newer ORDER BY 1`,
    [traced.length],
  );
  expect(rows.length).toBeGreaterThan(3);
  for (const { action } of rows) expect(action).toMatch(/^\w+\.(\w+-)?read$|^access\.denied$/);
}, 120_000);
