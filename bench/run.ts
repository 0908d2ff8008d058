import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startServices } from '../tools/services/index.js';
import { compare } from './compare.js';
import { Databases } from './databases.js';
import { say } from './report.js';
import { scale } from './scale.js';
import { chat } from './chat.js';
import { uploads } from './uploads.js';

/** What every mode of the bench needs. */
export interface Bench {
  databases: Databases;
  redisUrl: string;
  secret: string;
  today: string;
  dataDir: string;
  /** Seconds of one measured run, and of the warm-up before the first. */
  seconds: number;
  warmUpSeconds: number;
  rounds: number;
  only: string[];
  profile: boolean;
}

const HELP = `npm run bench [-- options]
  --quick          one round of 3 s runs
  --only a,b       these works alone (see bench/README.md)
  --uploads        images of 1 MB alone
  --chat           the chat alone, beside its model and a bare proxy
  --scale          CareSlot alone at 10,000 and 1,000,000 appointments
  --seconds n      seconds of one run
  --rounds n       runs of each server
  --profile        writes CPU profiles of CareSlot into .data/bench/profile
  --data-dir path  where the services keep their data`;

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  scale: { type: 'boolean', default: false },
  uploads: { type: 'boolean', default: false },
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
  const services = await startServices({ dataDir, log: say });
  const today = new Date().toISOString().slice(0, 10);
  const databases = await Databases.on(services.databaseUrl, today);
  try {
    await warnOfLooseDurability(databases);
    const bench: Bench = {
      databases,
      redisUrl: services.redisUrl,
      secret: randomBytes(48).toString('base64'),
      today,
      dataDir,
      seconds: Number(values.seconds ?? (values.quick ? 3 : 10)),
      warmUpSeconds: values.quick ? 2 : 3,
      rounds: Number(values.rounds ?? (values.quick ? 1 : 3)),
      only: values.only.split(',').filter(Boolean),
      profile: values.profile,
    };
    if (values.chat) return await chat(bench);
    if (values.uploads) return await uploads(bench);
    if (values.scale) return await scale(bench);
    const code = await compare(bench);
    return bench.only.length > 0 ? code : Math.max(code, await uploads(bench));
  } finally {
    await databases.close(['careslot', 'reference', 'small', 'large']);
    await services.stop();
  }
}

/** A database that may lose what it confirmed would flatter every write. */
async function warnOfLooseDurability(databases: Databases): Promise<void> {
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const value = await databases.setting(name);
    if (value !== 'on') say(`warning: the server runs with ${name} = ${value}`);
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
