import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';

/** A partition with an upper bound: all except the default partitions. */
export interface MonthPartition {
  parent: string;
  name: string;
  /** The lowest id after the partition. */
  untilId: string;
  /** The time of that id. */
  until: Date;
}

export interface PartitionState {
  parent: string;
  /** The time from which new rows would go to the default partition. */
  until: Date;
  /** At most 1,000. */
  defaultRows: number;
}

/**
 * The partitions of the tables that are partitioned by month (docs/scaling.md). Hand-written SQL: partitions are in PostgreSQL's system
 * tables. Statements contain their names, which come from there and from migrations, never from a request. Such a statement is new for each
 * partition, but only a command runs it, whose process ends soon (`prepared` never forgets a text).
 */
@Injectable()
export class PartitionsRepository {
  constructor(private readonly db: Database) {}

  /** Creates the partitions of the coming months. The database function has the rights for it. @returns their number */
  async createComing(): Promise<number> {
    let count = 0;
    while ((await this.createNext()) !== null) count += 1;
    return count;
  }

  /** Creates one of the partitions of the coming months. @returns its name; null if all exist */
  async createNext(): Promise<string | null> {
    const row = await this.db.row<{ name: string | null }>('SELECT create_next_partition() AS name');
    return row?.name ?? null;
  }

  states(): Promise<PartitionState[]> {
    return this.db.rows<PartitionState>(
      `SELECT m.parent, ${toTime('max(m.until_id::text)')} AS until, d.rows AS "defaultRows"
       FROM month_partitions() m JOIN default_partition_rows() d ON d.parent = m.parent GROUP BY m.parent, d.rows ORDER BY m.parent`,
    );
  }

  /** Partitions that ended before a time, oldest first. */
  findEnded(before: Date): Promise<MonthPartition[]> {
    return this.db.rows<MonthPartition>(
      `SELECT * FROM (SELECT parent, partition AS name, until_id AS "untilId", ${toTime('until_id::text')} AS until
                      FROM month_partitions() WHERE until_id IS NOT NULL) ended
       WHERE until <= $1 ORDER BY until, parent`,
      [before],
    );
  }

  async count({ name }: MonthPartition): Promise<number> {
    const row = await this.db.row<{ n: number }>(`SELECT count(*)::float8 AS n FROM partitions.${name}`);
    return row?.n ?? 0;
  }

  /** @param where a condition for rows `l` of the partition, which also exists after it was detached */
  async has({ name }: MonthPartition, where: string): Promise<boolean> {
    const row = await this.db.row<{ exists: boolean }>(
      `SELECT EXISTS (SELECT FROM partitions.${name} l WHERE ${where}) AS exists`,
    );
    return row?.exists ?? false;
  }

  /**
   * Not CONCURRENTLY, which PostgreSQL refuses for a table with a default partition. The table is locked for a moment.
   * Only the owner of the tables may do it.
   */
  async detach({ parent, name }: MonthPartition): Promise<void> {
    await this.db.rows(`ALTER TABLE ${parent} DETACH PARTITION partitions.${name}`);
  }

  async drop({ name }: MonthPartition): Promise<void> {
    await this.db.rows(`DROP TABLE partitions.${name}`);
  }

  async moveToArchive({ name }: MonthPartition): Promise<void> {
    await this.db.rows(`ALTER TABLE partitions.${name} SET SCHEMA archive`);
  }
}

/** SQL: the time of a UUIDv7 as text. */
const toTime = (id: string): string =>
  `to_timestamp(('x' || translate(left(${id}, 13), '-', ''))::bit(48)::bigint / 1000.0)`;
