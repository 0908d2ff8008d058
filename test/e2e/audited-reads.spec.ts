import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp } from '../support/app.js';
import { canariesIn, plantCanaries, type CanaryWorld } from '../support/canaries.js';
import { liveRoutes } from '../support/live-routes.js';
import { TABLE } from './route-role.table.js';

/** Every GET route, so that a new one that returns patients' data cannot forget the audit log. */

/** The mailbox of development is not in production, and parked events have no texts in the clear. */
const EXCLUDED = /^GET (\/dev\/|\/api\/v1\/outbox\/parked$)/;
const READERS = ['DOCTOR', 'STAFF', 'MANAGER', 'ADMIN'] as const;

let app: TestApp;
let world: CanaryWorld;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  world = await plantCanaries(app);
});

afterAll(() => app.close());

interface Read {
  route: string;
  reader: string;
  hasPatient: boolean;
  actions: string[];
}

async function read(route: string, reader: (typeof READERS)[number]): Promise<Read[]> {
  const path = TABLE[route]?.path(world.fixture);
  if (path === undefined) throw new Error(`${route} is not in the table`);
  const requestId = newId();
  const headers = { authorization: `Bearer ${world.insiders[reader]}`, 'x-request-id': requestId };
  const response = await fetch(app.url + path, { headers });
  const bytes = await response.text();
  if (response.status !== 200) return [];
  const { clientId, clientUserId } = world.fixture;
  const type = response.headers.get('content-type') ?? '';
  // Images are of patients, except doctors' photos and the placeholder of a scan without a picture.
  const isScan = /scans/.test(path) && /^(image|application\/dicom)/.test(type);
  const hasPatient =
    type !== 'image/svg+xml' &&
    (isScan ||
      [clientId, clientUserId].some((id) => bytes.includes(id)) ||
      canariesIn(bytes).some((column) => !/^(schedule_exception|api_key|doctor)\./.test(column)));
  const { rows } = await app.db.query<{ action: string }>(`SELECT action FROM audit_log WHERE request_id = $1`, [
    requestId,
  ]);
  return [{ route, reader, hasPatient, actions: rows.map(({ action }) => action) }];
}

const isRead = (action: string): boolean => /^\w+\.(\w+-)?(read|opened|exported)$/.test(action);

describe('the audit log', () => {
  it('has a row for each answer with data of a patient, by whoever reads it, and none for others (P-01, P-05)', async () => {
    const reads: Read[] = [];
    for (const route of liveRoutes(app.app)) {
      if (!route.startsWith('GET ') || EXCLUDED.test(route)) continue;
      for (const reader of READERS) reads.push(...(await read(route, reader)));
    }
    expect(new Set(reads.filter(({ hasPatient }) => hasPatient).map(({ route }) => route)).size).toBeGreaterThan(10);
    expect(reads.filter(({ hasPatient, actions }) => hasPatient && !actions.some(isRead))).toEqual([]);
    const open = reads.filter(({ route }) =>
      /^GET \/api\/v1\/(doctors|services|clinics(?!.*\/day$)|faqs|availability)\b/.test(route),
    );
    expect(open.length).toBeGreaterThan(20);
    expect(open.filter(({ actions }) => actions.length > 0)).toEqual([]);
  });
});
