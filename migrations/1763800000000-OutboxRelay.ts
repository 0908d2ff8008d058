import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the relay needs to publish outbox rows in one order that every client can resume from. A row is pending until it
 * has a `position` (its effects are done, and `sync` may read it), published when the sockets have it, parked when it
 * failed too often. docs/adr/0007-one-relay-at-a-time.md
 */
export class OutboxRelay1763800000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const statement of DOWN) await db.query(statement);
  }
}

const UP = [
  // position is the sequence of the row's last socket message, message_count how many it had.
  `ALTER TABLE outbox
     ADD COLUMN position bigint,
     ADD COLUMN message_count int NOT NULL DEFAULT 0,
     ADD COLUMN rooms text[],
     ADD COLUMN attempts int NOT NULL DEFAULT 0,
     ADD COLUMN due_at timestamptz NOT NULL DEFAULT now(),
     ADD COLUMN parked_at timestamptz,
     ADD COLUMN last_error text`,
  // Without a relay, no client could receive the earlier events: they count as published.
  `UPDATE outbox SET published_at = now() WHERE published_at IS NULL`,
  'DROP INDEX outbox_unpublished',
  'CREATE INDEX outbox_pending ON outbox (sequence) WHERE published_at IS NULL AND parked_at IS NULL',
  `CREATE INDEX outbox_waiting ON outbox (aggregate_id, sequence)
     WHERE published_at IS NULL AND parked_at IS NULL AND attempts > 0`,
  'CREATE INDEX outbox_parked ON outbox (sequence) WHERE parked_at IS NOT NULL',
  'CREATE UNIQUE INDEX outbox_position ON outbox (position) WHERE position IS NOT NULL',
  'CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL',

  // One row: who publishes a batch at this moment, the last position that was assigned, and the last one that was deleted.
  `CREATE TABLE outbox_relay (
     id int PRIMARY KEY DEFAULT 1 CHECK (id = 1),
     position bigint NOT NULL DEFAULT 0,
     swept_position bigint NOT NULL DEFAULT 0,
     holder uuid,
     leased_until timestamptz
   )`,
  'INSERT INTO outbox_relay DEFAULT VALUES',
];

const DOWN = [
  'DROP TABLE outbox_relay',
  'DROP INDEX outbox_published, outbox_position, outbox_parked, outbox_waiting, outbox_pending',
  `ALTER TABLE outbox DROP COLUMN position, DROP COLUMN message_count, DROP COLUMN rooms, DROP COLUMN attempts,
     DROP COLUMN due_at, DROP COLUMN parked_at, DROP COLUMN last_error`,
  'CREATE INDEX outbox_unpublished ON outbox (sequence) WHERE published_at IS NULL',
];
