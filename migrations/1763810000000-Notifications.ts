import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages: their recipient, channel, time and result. */
export class Notifications1763810000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'DROP TABLE IF EXISTS planned_notification, notification, notification_preference, notification_device',
    );
    await db.query('ALTER TABLE clinic DROP COLUMN reminders_planned_at');
    await db.query('ALTER TABLE appointment DROP COLUMN schedule_version, DROP COLUMN client_confirmed_at');
    await db.query('DROP FUNCTION IF EXISTS uuid7()');
  }
}

const UP = [
  // RFC 9562 version 7 for rows that a statement makes by itself; PostgreSQL has its own only from 18 on.
  `CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
     SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
       PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1),
       'hex')::uuid
   $$`,

  // The version at which time or doctor were last set: reminders belong to it, not to a change of the notes.
  'ALTER TABLE appointment ADD COLUMN schedule_version int NOT NULL DEFAULT 1, ADD COLUMN client_confirmed_at timestamptz',
  // When the reminders of all its appointments were last compared with its policy.
  'ALTER TABLE clinic ADD COLUMN reminders_planned_at timestamptz',

  // A future message about an appointment, one row for all channels. When it is due, it becomes one
  // notification for each channel that the patient wants then, in the statement that deletes it.
  `CREATE TABLE planned_notification (
     appointment_id uuid NOT NULL REFERENCES appointment,
     clinic_id uuid NOT NULL REFERENCES clinic,
     kind text NOT NULL,
     offset_minutes int NOT NULL DEFAULT 0,
     version int NOT NULL,
     due_at timestamptz NOT NULL,
     PRIMARY KEY (appointment_id, kind, offset_minutes, version)
   )`,
  'CREATE INDEX planned_notification_due ON planned_notification (due_at)',
  'CREATE INDEX planned_notification_clinic ON planned_notification (clinic_id, kind, offset_minutes)',

  // due_at: when it should go out. next_attempt_at: when it may be claimed; later after a failure, and while a sender
  // holds it, the end of the lease. attempts counts claims, so that a sender whose lease is over cannot store its result.
  `CREATE TABLE notification (
     id uuid PRIMARY KEY DEFAULT uuid7(),
     user_id uuid NOT NULL REFERENCES user_account,
     clinic_id uuid REFERENCES clinic,
     appointment_id uuid REFERENCES appointment,
     kind text NOT NULL,
     channel text NOT NULL CHECK (channel IN ('IN_APP','EMAIL','SMS','PUSH')),
     offset_minutes int NOT NULL DEFAULT 0,
     version int NOT NULL DEFAULT 0,
     note text,
     state text NOT NULL DEFAULT 'PENDING' CHECK (state IN ('PENDING','SENDING','SENT','SKIPPED','FAILED')),
     reason text,
     due_at timestamptz NOT NULL,
     next_attempt_at timestamptz NOT NULL,
     attempts int NOT NULL DEFAULT 0,
     provider_id text,
     title text,
     body text,
     sent_at timestamptz,
     read_at timestamptz,
     created_by uuid REFERENCES user_account,
     created_at timestamptz NOT NULL DEFAULT now(),
     CONSTRAINT notification_once UNIQUE (appointment_id, kind, channel, offset_minutes, version, user_id)
   )`,
  `CREATE INDEX notification_due ON notification (channel, next_attempt_at) WHERE state IN ('PENDING','SENDING')`,
  `CREATE INDEX notification_inbox ON notification (user_id, id) WHERE channel = 'IN_APP' AND state = 'SENT'`,
  `CREATE INDEX notification_dead_letter ON notification (clinic_id, id) WHERE state = 'FAILED'`,
  'CREATE INDEX notification_clinic ON notification (clinic_id, id)',

  // channels: { KIND: [CHANNEL …] } for the kinds that were set; quiet hours are minutes of the user's local day.
  `CREATE TABLE notification_preference (
     user_id uuid PRIMARY KEY REFERENCES user_account,
     channels jsonb NOT NULL DEFAULT '{}',
     quiet_start smallint CHECK (quiet_start BETWEEN 0 AND 1439),
     quiet_end smallint CHECK (quiet_end BETWEEN 0 AND 1439),
     version int NOT NULL DEFAULT 1,
     updated_at timestamptz NOT NULL DEFAULT now(),
     CHECK ((quiet_start IS NULL) = (quiet_end IS NULL))
   )`,
  `CREATE TABLE notification_device (
     id uuid PRIMARY KEY,
     user_id uuid NOT NULL REFERENCES user_account,
     token text NOT NULL UNIQUE,
     platform text NOT NULL CHECK (platform IN ('ANDROID','IOS','WEB')),
     created_at timestamptz NOT NULL DEFAULT now(),
     last_seen_at timestamptz NOT NULL DEFAULT now()
   )`,
  'CREATE INDEX notification_device_user ON notification_device (user_id)',
];
