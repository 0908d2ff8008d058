import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ACCEPTED, partitionByMonth, undoPartitioning } from './partitioning.js';

/**
 * Partitions the deliveries by month. The rules that a message is created once (`notification_once` and those of offers, referrals, refunds and
 * reports) do not contain the id, so each partition has its own unique indexes, and the statements that create messages also look into earlier
 * partitions (src/modules/notifications/message-keys.ts).
 *
 * Existing rows: stay where they are, in the first partition. Additive: processes of the previous release use the same name and columns. They do
 * not look into earlier partitions, but until the first one ends, a month or more after the migration, there is no other.
 */
export class PartitionedNotification1763891000053 implements MigrationInterface {
  static readonly additive = true;
  static readonly accepts = ACCEPTED;
  readonly transaction = false;

  async up(db: QueryRunner): Promise<void> {
    await partitionByMonth(db, 'notification');
  }

  async down(db: QueryRunner): Promise<void> {
    await undoPartitioning(db, 'notification');
  }
}
