import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startServices } from '../tools/services/index.js';
import { untilInterrupted } from '../tools/services/interruption.js';
import { auditLog } from './audit-log.js';
import type { Bench } from './bench.js';
import { compare } from './compare.js';
import { connections } from './connections.js';
import { day } from './day.js';
import { exports } from './exports.js';
import { imports } from './imports.js';
import { Databases } from './databases.js';
import { growth } from './growth.js';
import { holds } from './holds.js';
import { pgbench } from './pgbench.js';
import { reminders } from './reminders.js';
import { log } from './report.js';
import { realtime } from './realtime.js';
import { resetTimes } from './reset-times.js';
import { search } from './search.js';
import { signInTimes } from './sign-in-times.js';
import { scale } from './scale.js';
import { chat } from './chat.js';
import { uploads } from './uploads.js';

const HELP = `npm run bench [-- options]
  --quick          one round of 3 s runs
  --only a,b       only these workloads (see bench/README.md)
  --connections    only bookings at 16, 64, 256 and 1,024 connections
  --pgbench        only bookings compared with a bare driver that sends a booking statement without HTTP
  --uploads        only images of 1 MB
  --reminders      only 100,000 reminders to an SMTP server (10,000 with --quick)
  --realtime       only sockets; --only latency or --only crash runs a part of it
  --chat           only the chat compared with its model and a bare proxy
  --reset          only the response times of requests to reset a password, for known and unknown addresses
  --audit          only the audit log with a million rows (100,000 with --quick): link, verify, and list with each filter
  --search         only searches among 100,000 patients, compared with the same query on plain tables
  --day            only the day of a clinic with 12 doctors and 360 visits, compared with a bare server
  --exports        only an export of 1,000,000 appointments as csv and xlsx (200,000 with --quick)
  --imports        only an import of 100,000 patients with a kill in the middle (20,000 with --quick)
  --holds          only holds, compared with bookings, and bookings of held times
  --sign-in        only the response times of sign-ins with and without a second factor
  --scale          only CareSlot at 10,000, 1,000,000 and 10,000,000 appointments (the last not with --quick)
  --growth         only a database with 10,000,000 appointments and 50,000,000 audit rows, filled with all constraints: times, sizes, plans
  --appointments n, --audit-rows n
                   another size of --growth
  --seconds n      seconds of one run
  --rounds n       runs of each server
  --profile        writes CPU profiles of CareSlot into .data/bench/profile
  --data-dir path  where the services keep their data`;

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  scale: { type: 'boolean', default: false },
  connections: { type: 'boolean', default: false },
  pgbench: { type: 'boolean', default: false },
  uploads: { type: 'boolean', default: false },
  reminders: { type: 'boolean', default: false },
  audit: { type: 'boolean', default: false },
  reset: { type: 'boolean', default: false },
  search: { type: 'boolean', default: false },
  day: { type: 'boolean', default: false },
  exports: { type: 'boolean', default: false },
  imports: { type: 'boolean', default: false },
  holds: { type: 'boolean', default: false },
  'sign-in': { type: 'boolean', default: false },
  growth: { type: 'boolean', default: false },
  appointments: { type: 'string' },
  'audit-rows': { type: 'string' },
  realtime: { type: 'boolean', default: false },
  chat: { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
  seconds: { type: 'string' },
  rounds: { type: 'string' },
  'data-dir': { type: 'string' },
} as const;

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const dataDir = resolve(values['data-dir'] ?? join(root, '.data/bench'));
  await mkdir(dataDir, { recursive: true });
  const interrupted = untilInterrupted();
  const services = await startServices({ dataDir, log });
  const today = new Date().toISOString().slice(0, 10);
  let databases: Databases | null = null;
  try {
    databases = await Databases.on(services.databaseUrl, today);
    await warnIfNotDurable(databases);
    const bench: Bench = {
      databases,
      redisUrl: services.redisUrl,
      secret: randomBytes(48).toString('base64'),
      today,
      dataDir,
      quick: values.quick,
      seconds: Number(values.seconds ?? (values.quick ? 3 : 10)),
      warmUpSeconds: values.quick ? 2 : 3,
      rounds: Number(values.rounds ?? (values.quick ? 1 : 3)),
      only: values.only.split(',').filter(Boolean),
      profile: values.profile,
      size: {
        ...(values.appointments && { appointments: Number(values.appointments) }),
        ...(values['audit-rows'] && { auditRows: Number(values['audit-rows']) }),
      },
    };
    return await Promise.race([interrupted, run(values, bench)]);
  } finally {
    await databases?.close(['careslot', 'reference', 'small', 'large', 'largest', 'growth']);
    await services.stop();
  }
}

/** The parts, each with an option of its own. Without one, the comparison runs and then the parts that are `inDefaultRun`. Of several, all run. */
const PARTS = {
  connections: { start: connections, inDefaultRun: true },
  uploads: { start: uploads, inDefaultRun: true },
  chat: { start: chat, inDefaultRun: true },
  reminders: { start: reminders, inDefaultRun: true },
  realtime: { start: realtime, inDefaultRun: true },
  pgbench: { start: pgbench, inDefaultRun: false },
  reset: { start: resetTimes, inDefaultRun: false },
  audit: { start: auditLog, inDefaultRun: false },
  search: { start: search, inDefaultRun: false },
  day: { start: day, inDefaultRun: false },
  exports: { start: exports, inDefaultRun: false },
  imports: { start: imports, inDefaultRun: false },
  holds: { start: holds, inDefaultRun: false },
  'sign-in': { start: signInTimes, inDefaultRun: false },
  scale: { start: scale, inDefaultRun: false },
  growth: { start: growth, inDefaultRun: false },
} as const;
type Part = keyof typeof PARTS;

async function run(wanted: Partial<Record<Part, boolean>>, bench: Bench): Promise<number> {
  const named = (Object.keys(PARTS) as Part[]).filter((name) => wanted[name]);
  let code = named.length > 0 ? 0 : await compare(bench);
  if (bench.only.length > 0 && named.length === 0) return code;
  const parts = Object.entries(PARTS) as [Part, (typeof PARTS)[Part]][];
  for (const [name, { start, inDefaultRun }] of parts) {
    if (named.length > 0 ? named.includes(name) : inDefaultRun) code = Math.max(code, await start(bench));
  }
  return code;
}

/** Warns about a database that may lose committed data, because its writes would look too fast. */
async function warnIfNotDurable(databases: Databases): Promise<void> {
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const value = await databases.setting(name);
    if (value !== 'on') log(`warning: the server runs with ${name} = ${value}`);
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
