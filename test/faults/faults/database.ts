import { statfs, rm, writeFile, mkdir, chown, stat } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { killProcess } from '../../support/kill.js';
import { lockTable } from '../../support/locks.js';
import type { Fault } from '../fault.js';
import { probeBooking, probeRead, expectStatus } from '../probes.js';
import { SERVING_ROLE, type World } from '../world.js';

const run = promisify(execFile);

const TERMINATE = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND random() < 0.5`;
const TERMINATE_EVERY_MILLISECONDS = 120;

let stopTerminating: (() => Promise<void>) | null = null;

export const connectionsTerminated: Fault = {
  ...{ id: 3, title: 'connections terminated in a loop', runs: 2, lasts: [2_000, 4_000] },
  inject: async (world) => {
    let isStopped = false;
    const loop = (async () => {
      while (!isStopped) {
        await world.rows(TERMINATE, SERVING_ROLE);
        await sleep(TERMINATE_EVERY_MILLISECONDS);
      }
    })();
    stopTerminating = () => {
      isStopped = true;
      return loop;
    };
  },
  heal: async () => stopTerminating?.(),
};

export const backendKilled: Fault = {
  ...{ id: 4, title: 'a PostgreSQL process killed, so that all connections end', runs: 14 },
  inject: async (world, random) => {
    const backends = await world.rows<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = $1`,
      SERVING_ROLE,
    );
    const victim = random.pick(backends)?.pid;
    if (!victim) throw new Error('there is no connection to kill');
    killProcess(victim);
    world.kills += 1;
  },
  heal: () => Promise.resolve(),
};

const restart = (title: string, signal: 'SIGINT' | 'SIGQUIT'): Fault => ({
  ...{ id: 4, title, runs: 2, lasts: [0, 1_500] },
  inject: (world) => world.postgres.stop(signal),
  heal: (world) => world.postgres.startAgain(),
});

export const restartedFast = restart('PostgreSQL restarted (fast)', 'SIGINT');
export const restartedImmediately = restart('PostgreSQL restarted (immediate)', 'SIGQUIT');

export const clusterKilled: Fault = {
  ...{ id: 5, title: 'all PostgreSQL processes killed', runs: 14, lasts: [0, 1_500] },
  inject: async (world) => {
    await world.postgres.kill();
    world.kills += 1;
  },
  heal: (world) => world.postgres.startAgain(),
};

/** Runs statements in a session that may write although the server is read-only. */
async function administer(world: World, ...statements: string[]): Promise<void> {
  const connectionString = world.postgres.url;
  const client = new pg.Client({ connectionString, options: '-c default_transaction_read_only=off' });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

export const readOnly: Fault = {
  ...{ id: 6, title: 'PostgreSQL read-only', runs: 2, lasts: [1_500, 3_000] },
  inject: (world) =>
    administer(world, 'ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()'),
  during: async (world) => {
    for (const api of world.apis) {
      await expectStatus(world, 'a booking on a read-only server', [503], () => probeBooking(world, api));
      await expectStatus(world, 'a read on a read-only server', [200], () => probeRead(world, api));
      await expectStatus(world, 'liveness on a read-only server', [200], () => fetch(`${api.url}/health/live`));
    }
  },
  heal: (world) => administer(world, 'ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()'),
};

const MOUNTS = 'a file system of its own needs the right to mount (root)';

/** Fills a file system of the runner. */
async function fill(folder: string): Promise<string> {
  const { bavail, bsize } = await statfs(folder);
  const file = join(folder, 'ballast');
  // The last blocks, too: the first write ends where the space ends.
  await writeFile(file, Buffer.alloc(bavail * bsize)).catch(() => undefined);
  return file;
}

export const filesFull: Fault = {
  ...{ id: 7, title: 'the disk of the files full', runs: 2, lasts: [1_500, 3_000] },
  unavailable: ({ files }) => Promise.resolve(files.isOwn ? null : MOUNTS),
  inject: async ({ files }) => void (await fill(files.folder)),
  heal: ({ files }) => rm(join(files.folder, 'ballast')),
};

const TABLESPACE_MEGABYTES = 24;
const MOVED_TABLES = ['appointment', 'outbox', 'audit_log', 'notification'];

/** SQL: these tables, or their partitions, which have the rows. */
const WITH_ROWS = `
  SELECT coalesce(part.relid, named.id)::regclass::text AS name
  FROM unnest($1::regclass[]) AS named (id) LEFT JOIN LATERAL pg_partition_tree(named.id) AS part ON true
  WHERE part.relid IS NULL OR part.isleaf`;

/** The tables of bookings are on a small disk. */
export const tablesFull: Fault = {
  ...{ id: 7, title: 'the disk of PostgreSQL full', runs: 1, lasts: [3_000, 5_000] },
  unavailable: ({ files }) => Promise.resolve(files.isOwn ? null : MOUNTS),
  inject: async (world) => {
    const folder = join(world.folder, 'tablespace');
    await mkdir(folder, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', `size=${TABLESPACE_MEGABYTES}m`, 'tmpfs', folder]);
    const space = join(folder, 'space');
    await mkdir(space);
    const { uid, gid } = await stat(join(world.folder, 'postgres'));
    await chown(space, uid, gid);
    await world.rows(`CREATE TABLESPACE small LOCATION '${space}'`);
    await moveTables(world, 'small');
    await fill(folder);
  },
  during: async (world) => {
    const [api] = world.apis as [World['apis'][number]];
    // The last pages have room for some more rows.
    await eventually(async () => {
      const reply = await probeBooking(world, api);
      if (reply?.status !== 503) throw new Error(`a booking on a full disk returned ${reply?.status ?? 'nothing'}`);
    });
    await expectStatus(world, 'a read on a full disk', [200], () => probeRead(world, api));
  },
  heal: async (world) => {
    const folder = join(world.folder, 'tablespace');
    await rm(join(folder, 'ballast'));
    await moveTables(world, 'pg_default');
    await world.rows('DROP TABLESPACE small');
    await run('umount', ['-l', folder]);
  },
};

/** Needs a lock of each table, for which the load must pause for a moment. */
async function moveTables(world: World, tablespace: string): Promise<void> {
  for (const { name } of await world.rows<{ name: string }>(WITH_ROWS, MOVED_TABLES))
    await world.rows(`ALTER TABLE ${name} SET TABLESPACE ${tablespace}`);
}

let release: (() => Promise<void>) | null = null;

export const tableLocked: Fault = {
  ...{ id: 8, title: 'the table of appointments locked', runs: 2, lasts: [3_000, 6_000] },
  inject: async (world) => {
    release = await lockTable(world.app.db, 'appointment', 'ACCESS EXCLUSIVE');
  },
  during: async (world) => {
    for (const api of world.apis)
      await expectStatus(world, 'liveness with a locked table', [200], () => fetch(`${api.url}/health/live`));
  },
  heal: async () => release?.(),
};

export const connectionsExhausted: Fault = {
  ...{ id: 8, title: 'no free connection to PostgreSQL', runs: 2, lasts: [2_000, 4_000] },
  inject: async (world) => {
    await world.rows(`ALTER ROLE ${SERVING_ROLE} CONNECTION LIMIT 2`);
    await world.rows('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', SERVING_ROLE);
  },
  during: async (world) => {
    for (const api of world.apis)
      await expectStatus(world, 'liveness without connections', [200], () => fetch(`${api.url}/health/live`));
  },
  heal: async (world) => void (await world.rows(`ALTER ROLE ${SERVING_ROLE} CONNECTION LIMIT -1`)),
};
