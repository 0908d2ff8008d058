import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { log } from './report.js';
import type { DataVolume } from './data-volumes.js';
import { KeptDatabase } from './kept-database.js';
import { seed, SEED_VERSION } from './seed.js';

const PREFIX = 'careslot_bench_';
const TEMPLATE = `${PREFIX}template_`;
const migrations = join(dirname(fileURLToPath(import.meta.url)), '../migrations');

/** The databases of a run on one server. A template is filled once and then copied, so that all copies are the same. */
export class Databases {
  private constructor(
    private readonly serverUrl: string,
    private readonly admin: Client,
    private readonly today: string,
    private readonly signature: string,
  ) {}

  /** @param today the day to which the data is relative; another day has other templates */
  static async on(serverUrl: string, today: string): Promise<Databases> {
    const admin = new Client({ connectionString: serverUrl });
    await admin.connect();
    const databases = new Databases(serverUrl, admin, today, await getSignature(today));
    await databases.dropOthers();
    return databases;
  }

  /** Creates a copy of the filled database. */
  async copy(name: string, volume: DataVolume): Promise<string> {
    const template = await this.template(volume);
    await this.drop(PREFIX + name);
    // Copies files. The default copies through the write-ahead log, which takes several times as long for a large database.
    await this.admin.query(`CREATE DATABASE ${PREFIX}${name} TEMPLATE ${template} STRATEGY file_copy`);
    if (volume.isKept) await this.kept(volume).update(this.getUrl(PREFIX + name), this.today);
    return this.getUrl(PREFIX + name);
  }

  /** Creates an empty database, without migrations. */
  async empty(name: string): Promise<string> {
    await this.drop(PREFIX + name);
    await this.admin.query(`CREATE DATABASE ${PREFIX}${name}`);
    return this.getUrl(PREFIX + name);
  }

  /** Writes the copied data to the disk now, so that it does not happen during a measurement. */
  async settle(): Promise<void> {
    await this.admin.query('CHECKPOINT');
  }

  async setting(name: string): Promise<string> {
    const { rows } = await this.admin.query<{ value: string }>('SELECT current_setting($1) AS value', [name]);
    return rows[0]?.value ?? '';
  }

  /** Drops the copies with these names, and disconnects. */
  async close(names: string[]): Promise<void> {
    for (const name of names) await this.drop(PREFIX + name);
    await this.admin.end();
  }

  private async template(volume: DataVolume): Promise<string> {
    if (volume.isKept) return this.kept(volume).template(this.today);
    const { appointments, clients, comingPerDay, comingDays, pastPerDay } = volume;
    const name = `${TEMPLATE}${this.signature}_${[appointments, clients, comingPerDay, comingDays, pastPerDay].join('_')}`;
    const { rowCount } = await this.admin.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount) return name;
    log(`filling a database with ${appointments} appointments …`);
    await this.drop(`${PREFIX}filling`);
    await this.admin.query(`CREATE DATABASE ${PREFIX}filling`);
    await seed(this.getUrl(`${PREFIX}filling`), volume, this.today);
    await this.admin.query(`ALTER DATABASE ${PREFIX}filling RENAME TO ${name}`);
    return name;
  }

  private kept(volume: DataVolume): KeptDatabase {
    return new KeptDatabase(this.admin, (name) => this.getUrl(name), volume);
  }

  private async dropOthers(): Promise<void> {
    const { rows } = await this.admin.query<{ name: string }>(
      `SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1) AND NOT starts_with(datname, $2)`,
      [TEMPLATE, TEMPLATE + this.signature],
    );
    for (const { name } of rows) await this.drop(name);
  }

  private async drop(name: string): Promise<void> {
    await this.admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }

  private getUrl(name: string): string {
    const url = new URL(this.serverUrl);
    url.pathname = `/${name}`;
    return url.href;
  }
}

async function getSignature(today: string): Promise<string> {
  const files = (await readdir(migrations)).filter((file) => file.endsWith('.js')).sort();
  const hash = createHash('sha256').update(`${today} ${SEED_VERSION}`);
  for (const file of files) hash.update(await readFile(join(migrations, file)));
  return hash.digest('hex').slice(0, 8);
}
