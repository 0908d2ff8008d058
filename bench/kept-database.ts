import { statfs } from 'node:fs/promises';
import type { Client } from 'pg';
import type { DataVolume } from './data-volumes.js';
import { log } from './report.js';
import { seed, seedSince, SEED_VERSION } from './seed.js';
import { dayAfter } from './seed-appointments.js';

const PREFIX = 'careslot_bench_kept_';
const GIGABYTE = 1e9;
const FREE_GIGABYTES_TO_FILL = 50;
/** Free space in addition to the copy itself. */
const SPARE_GIGABYTES = 5;

/** The content of the comment on the database. */
interface Marker {
  filledUntil: string;
}

/**
 * A template database that takes too long to fill every day. It is kept unchanged, and only its copies are updated, so that a
 * migration that is still being changed cannot damage it.
 */
export class KeptDatabase {
  private readonly name: string;

  constructor(
    private readonly admin: Client,
    private readonly getUrl: (name: string) => string,
    private readonly volume: DataVolume,
  ) {
    this.name = `${PREFIX}${volume.appointments}_v${SEED_VERSION}`;
  }

  /**
   * Fills the template if it does not exist.
   * @returns its name
   * @throws Error if the disk does not have enough space for it or for a copy
   */
  async template(today: string): Promise<string> {
    if (await this.marker()) await this.requireFreeSpace((await this.size()) / GIGABYTE + SPARE_GIGABYTES, 'copied');
    else await this.fill(today);
    return this.name;
  }

  /** Updates a copy: applies new migrations, and fills the days that have become coming days. */
  async update(copyUrl: string, today: string): Promise<void> {
    const marker = await this.marker();
    if (marker) await seedSince(copyUrl, this.volume, marker.filledUntil, today);
  }

  private async fill(today: string): Promise<void> {
    await this.requireFreeSpace(FREE_GIGABYTES_TO_FILL, 'filled');
    const count = this.volume.appointments.toLocaleString('en');
    log(`filling a database with ${count} appointments (once, up to an hour) …`);
    const started = performance.now();
    await this.dropOthers();
    await this.admin.query(`CREATE DATABASE ${PREFIX}filling`);
    await seed(this.getUrl(`${PREFIX}filling`), this.volume, today);
    await this.mark(`${PREFIX}filling`, dayAfter(today, this.volume.comingDays));
    await this.admin.query(`ALTER DATABASE ${PREFIX}filling RENAME TO ${this.name}`);
    const minutes = (performance.now() - started) / 60_000;
    log(`  filled in ${minutes.toFixed(1)} minutes, ${((await this.size()) / GIGABYTE).toFixed(1)} GB`);
  }

  /** Drops templates of other versions, and one that was not completely filled. */
  private async dropOthers(): Promise<void> {
    const { rows } = await this.admin.query<{ name: string }>(
      'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)',
      [PREFIX],
    );
    for (const { name } of rows) await this.admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  }

  private async marker(): Promise<Marker | null> {
    const { rows } = await this.admin.query<{ marker: string | null }>(
      `SELECT shobj_description(oid, 'pg_database') AS marker FROM pg_database WHERE datname = $1`,
      [this.name],
    );
    return rows[0]?.marker ? (JSON.parse(rows[0].marker) as Marker) : null;
  }

  private async mark(database: string, filledUntil: string): Promise<void> {
    const marker: Marker = { filledUntil };
    await this.admin.query(`COMMENT ON DATABASE ${database} IS '${JSON.stringify(marker)}'`);
  }

  private async size(): Promise<number> {
    const { rows } = await this.admin.query<{ size: string }>('SELECT pg_database_size($1) AS size', [this.name]);
    return Number(rows[0]?.size);
  }

  private async requireFreeSpace(gigabytes: number, purpose: string): Promise<void> {
    const { rows } = await this.admin.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`);
    const folder = rows[0]?.folder ?? '';
    const disk = await statfs(folder).catch(() => null);
    if (!disk)
      return log(
        `warning: PostgreSQL runs on another machine. Make sure that ${Math.ceil(gigabytes)} GB are free there`,
      );
    const free = (disk.bavail * disk.bsize) / GIGABYTE;
    if (free >= gigabytes) return;
    throw new Error(
      `Not enough disk space: a database of ${this.volume.appointments.toLocaleString('en')} appointments needs ` +
        `${Math.ceil(gigabytes)} GB to be ${purpose}, ${folder} has ${Math.floor(free)} GB. ` +
        'Free disk space, choose another folder with --data-dir, or leave this size out with --quick.',
    );
  }
}
