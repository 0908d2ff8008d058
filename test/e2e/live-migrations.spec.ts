import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MIGRATIONS } from '../../migrations/index.js';
import { ormconfig } from '../../ormconfig.js';
import { migrate, revert } from '../../src/migrate.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { BookingLoad } from '../support/booking-load.js';
import { eventually } from '../support/eventually.js';
import { LIVE_MIGRATIONS, RenameColumn1900000000007 } from '../support/live-migrations.js';
import { findBlockedTables } from '../support/lock-probe.js';
import { lockTable } from '../support/locks.js';
import { rounds } from '../support/long-form.js';
import { findBookableService, type BookableService } from '../support/slots.js';

/** Migrations while the application serves bookings: the patterns of docs/live-migrations.md. `test/previous` has two releases. */

const PATTERNS = { ...ormconfig, migrations: [...MIGRATIONS, ...LIVE_MIGRATIONS] };
const BREAKING = { ...ormconfig, migrations: [...MIGRATIONS, RenameColumn1900000000007] };
const PATTERN_NAMES = LIVE_MIGRATIONS.map(({ name }) => name);
const INDEX = 'appointment_test_origin';

let app: TestApp;
let service: BookableService;
let patients: TestPatient[];
let databaseUrl: string;

beforeAll(async () => {
  app = await TestApp.start();
  databaseUrl = app.environment.DATABASE_URL as string;
  service = await findBookableService(app, 'Video visit');
  patients = await app.patients(3);
  await app.db.query(
    `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency)
     SELECT uuid7(), clinic_id, $1, $2, id, now() - n * interval '1 hour', now() - n * interval '1 hour' + interval '30 minutes',
            'CANCELLED', 0, 'EGP'
     FROM service, generate_series(1, $4::int) n WHERE id = $3`,
    [patients[0]?.clientId, service.doctorId, service.serviceId, rounds(1_000, 50_000)],
  );
});

afterAll(() => app?.close());

const isIndexValid = async (): Promise<boolean | undefined> =>
  (await app.db.query(`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass($1)`, [INDEX])).rows[0]
    ?.valid;

it('serves every request, and blocks the writers of no table, while migrations run up and down', async () => {
  // As an interrupted attempt leaves it: these values are not unique.
  await expect(
    app.db.query(`CREATE UNIQUE INDEX CONCURRENTLY ${INDEX} ON appointment (clinic_id, service_id)`),
  ).rejects.toThrow(/could not create unique index/);
  expect(await isIndexValid()).toBe(false);

  const load = new BookingLoad(app, service, patients, [app.url]);
  const blocked = await findBlockedTables(app.db, async () => {
    await load.waitForRounds(1);
    for (let turn = 0; turn < rounds(1, 10); turn += 1) {
      expect(await migrate(databaseUrl, null, PATTERNS)).toEqual(PATTERN_NAMES);
      await load.waitForRounds(1);
      const { rows } = await app.db.query(
        `SELECT count(*) FILTER (WHERE test_origin = 'old' AND test_level = 1)::int >= 1000 AS old,
                bool_or(test_origin = 'new') AS new, count(*) FILTER (WHERE test_origin IS NULL)::int AS empty FROM appointment`,
      );
      expect(rows).toEqual([{ old: true, new: true, empty: 0 }]);
      expect(await isIndexValid()).toBe(true);
      expect((await fetch(`${app.url}/health/ready`)).status).toBe(200);
      expect(await revert(databaseUrl, PATTERN_NAMES.length, PATTERNS)).toEqual(PATTERN_NAMES.toReversed());
      await load.waitForRounds(1);
    }
  });
  expect(await load.stop()).toEqual([]);
  expect(blocked).toEqual([]);
  expect(await isIndexValid()).toBeUndefined();
  expect(await app.overlaps()).toBe(0);
});

it('serves requests while a migration waits for a long transaction, and the migration is repeated until it gets its lock', async () => {
  const release = await lockTable(app.db, 'appointment', 'ACCESS SHARE');
  const upgrade = migrate(databaseUrl, null, PATTERNS);
  try {
    await eventually(async () => {
      const { rows } = await app.db.query(
        `SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE appointment%'`,
      );
      expect(rows).toHaveLength(1);
    });
    const load = new BookingLoad(app, service, patients, [app.url]);
    await load.waitForRounds(1);
    expect(await load.stop()).toEqual([]);
  } finally {
    await release();
  }
  expect(await upgrade).toEqual(PATTERN_NAMES);
  expect(await revert(databaseUrl, PATTERN_NAMES.length, PATTERNS)).toHaveLength(PATTERN_NAMES.length);
});

it('finds a migration that breaks the processes that run', async () => {
  const load = new BookingLoad(app, service, patients, [app.url]);
  await migrate(databaseUrl, null, BREAKING);
  await load.waitForRounds(1);
  await revert(databaseUrl, 1, BREAKING);
  expect(await load.stop()).toContainEqual(expect.stringMatching(/^(POST|GET) .*\/appointments.*: 500 /));
  // A booking whose response was an error may have been stored.
  expect(await app.overlaps()).toBe(0);
});

it('finds a table whose writers wait too long', async () => {
  const release = await lockTable(app.db, 'appointment', 'SHARE');
  const blocked = await findBlockedTables(app.db, async (found) => {
    try {
      await eventually(async () => expect([...found]).toEqual(['appointment']));
    } finally {
      await release();
    }
  });
  expect(blocked).toEqual(['appointment']);
});
