import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexConcurrently } from './live.js';
import { ACCEPTED, isPartitioned, partitionByMonth, undoPartitioning } from './partitioning.js';

/**
 * Partitions the outbox by month, so that an old month is dropped instead of vacuumed. A key of a partitioned table contains its partition
 * key, so the primary key becomes (sequence, id), and the index of positions is no longer unique. Both remain unique: sequences come from one
 * identity, and positions are assigned by the one relay that has the lease.
 *
 * Existing rows: stay where they are, in the first partition. Additive: processes of the previous release use the same name and columns.
 */
export class PartitionedOutbox1763891000052 implements MigrationInterface {
  static readonly additive = true;
  static readonly accepts = {
    ...ACCEPTED,
    'removal or renaming in an additive migration': 'New table and index have the names of the old ones.',
  };
  readonly transaction = false;

  async up(db: QueryRunner): Promise<void> {
    if (!(await isPartitioned(db, 'outbox'))) {
      await createIndexConcurrently(db, 'outbox_sequence_id', 'ON outbox (sequence, id)', { unique: true });
      await createIndexConcurrently(db, 'outbox_positions', 'ON outbox (position) WHERE position IS NOT NULL');
    }
    await partitionByMonth(db, 'outbox', {
      before: [
        'ALTER TABLE outbox DROP CONSTRAINT outbox_pkey, ADD CONSTRAINT outbox_pkey PRIMARY KEY USING INDEX outbox_sequence_id',
        'DROP INDEX outbox_position',
        'ALTER INDEX outbox_positions RENAME TO outbox_position',
        REMOVE_IDENTITY,
      ],
      created: [ADD_IDENTITY],
    });
  }

  /** The outbox has the rows of two days, so its keys are built in moments. */
  async down(db: QueryRunner): Promise<void> {
    await undoPartitioning(db, 'outbox', {
      before: [
        REMOVE_IDENTITY,
        'ALTER TABLE partitions.outbox_first DROP CONSTRAINT outbox_pkey, ADD CONSTRAINT outbox_pkey PRIMARY KEY (sequence)',
        'DROP INDEX partitions.outbox_position',
        'CREATE UNIQUE INDEX outbox_position ON partitions.outbox_first (position) WHERE position IS NOT NULL',
      ],
      after: [ADD_IDENTITY],
    });
  }
}

// The parent's identity continues with the next number of the old one.
const REMOVE_IDENTITY = `DO $identity$ BEGIN
  PERFORM set_config('careslot.next_sequence', nextval(pg_get_serial_sequence('outbox', 'sequence'))::text, true);
  ALTER TABLE outbox ALTER COLUMN sequence DROP IDENTITY;
END $identity$`;

const ADD_IDENTITY = `DO $identity$ BEGIN
  ALTER TABLE outbox ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY;
  PERFORM setval(pg_get_serial_sequence('outbox', 'sequence'), current_setting('careslot.next_sequence')::bigint, false);
END $identity$`;
