import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The first schema. The application makes the ids (UUIDv7), so that every PostgreSQL from 14 on is enough.
 * Instants are timestamptz; local days are date; local times are minutes of the day (0..1440), read in the clinic's zone.
 */
export class Foundation1763700000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE IF EXISTS idempotency_key, outbox, audit_log, reservation, appointment, schedule_exception,
      weekly_rule, service_doctor, service, doctor, resource, client_clinic, client, session, user_clinic, user_account,
      clinic CASCADE`);
    await db.query('DROP FUNCTION IF EXISTS refuse_change(), search_fold(text), phone_digits(text)');
  }
}

const UP = [
  'CREATE EXTENSION IF NOT EXISTS btree_gist',
  'CREATE EXTENSION IF NOT EXISTS unaccent',
  'CREATE EXTENSION IF NOT EXISTS pg_trgm',

  // One spelling for search: no accents, no Arabic diacritics or tatweel, alef, ya and ta marbuta in one form each.
  // unaccent() is only STABLE because its dictionary may change; with the dictionary named it may stand in an index.
  `CREATE FUNCTION search_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
     SELECT translate(
       regexp_replace(lower(public.unaccent('public.unaccent'::regdictionary, normalize(value, NFKC))),
                      '[\\u0640\\u064B-\\u065F\\u0670]', '', 'g'),
       'أإآٱىةؤئ', 'اااايهوي')
   $$`,
  `CREATE FUNCTION phone_digits(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
     SELECT regexp_replace(coalesce(value, ''), '\\D', '', 'g')
   $$`,
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = '42501'; END
   $$`,

  `CREATE TABLE clinic (
     id uuid PRIMARY KEY,
     name text NOT NULL,
     time_zone text NOT NULL,
     phone text,
     address text,
     emergency_number text,
     slot_step_minutes int NOT NULL DEFAULT 15 CHECK (slot_step_minutes BETWEEN 5 AND 240),
     minimum_notice_minutes int NOT NULL DEFAULT 60 CHECK (minimum_notice_minutes BETWEEN 0 AND 43200),
     horizon_days int NOT NULL DEFAULT 90 CHECK (horizon_days BETWEEN 1 AND 730),
     cancellation_cutoff_minutes int NOT NULL DEFAULT 120 CHECK (cancellation_cutoff_minutes BETWEEN 0 AND 43200),
     hold_minutes int NOT NULL DEFAULT 10 CHECK (hold_minutes BETWEEN 1 AND 120),
     reminder_offsets_minutes int[] NOT NULL DEFAULT '{1440,120}',
     requires_confirmation boolean NOT NULL DEFAULT false,
     version int NOT NULL DEFAULT 1,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     deleted_at timestamptz
   )`,

  `CREATE TABLE user_account (
     id uuid PRIMARY KEY,
     email text,
     password_hash text,
     role text NOT NULL CHECK (role IN ('CLIENT','DOCTOR','STAFF','MANAGER','ADMIN')),
     first_name text NOT NULL,
     last_name text NOT NULL,
     phone text,
     time_zone text NOT NULL DEFAULT 'UTC',
     locale text NOT NULL DEFAULT 'en',
     email_verified_at timestamptz,
     authorization_changed_at timestamptz NOT NULL DEFAULT now(),
     version int NOT NULL DEFAULT 1,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     deleted_at timestamptz,
     search tsvector GENERATED ALWAYS AS (
       to_tsvector('simple', search_fold(first_name || ' ' || last_name || ' ' || coalesce(email, '')))) STORED
   )`,
  // The address is canonical already (trimmed, NFKC, lower case: core/kernel/email.ts); that of a deleted user may be used again.
  'CREATE UNIQUE INDEX user_account_email_key ON user_account (email) WHERE deleted_at IS NULL',
  'CREATE INDEX user_account_search ON user_account USING gin (search)',
  'CREATE INDEX user_account_phone ON user_account USING gin (phone_digits(phone) gin_trgm_ops)',
  'CREATE INDEX user_account_authorization_changed ON user_account (authorization_changed_at)',

  `CREATE TABLE user_clinic (
     user_id uuid NOT NULL REFERENCES user_account,
     clinic_id uuid NOT NULL REFERENCES clinic,
     PRIMARY KEY (user_id, clinic_id)
   )`,
  'CREATE INDEX user_clinic_clinic ON user_clinic (clinic_id)',

  // A session is one signed-in device. Of its refresh tokens, only the hash of the newest is stored.
  `CREATE TABLE session (
     id uuid PRIMARY KEY,
     user_id uuid NOT NULL REFERENCES user_account,
     refresh_hash bytea NOT NULL,
     generation int NOT NULL DEFAULT 1,
     user_agent text,
     ip text,
     created_at timestamptz NOT NULL DEFAULT now(),
     last_used_at timestamptz NOT NULL DEFAULT now(),
     expires_at timestamptz NOT NULL,
     absolute_expires_at timestamptz NOT NULL,
     revoked_at timestamptz,
     revoked_reason text
   )`,
  'CREATE INDEX session_by_user ON session (user_id) WHERE revoked_at IS NULL',
  'CREATE INDEX session_revoked ON session (revoked_at) WHERE revoked_at IS NOT NULL',
  'CREATE INDEX session_expires ON session (expires_at)',

  // The patient record. Every CLIENT user has one; user_id is set from the start, also for a user without a password.
  `CREATE TABLE client (
     id uuid PRIMARY KEY,
     user_id uuid NOT NULL UNIQUE REFERENCES user_account,
     date_of_birth date,
     sex text CHECK (sex IN ('FEMALE','MALE','OTHER','UNKNOWN')),
     mrn text,
     address text,
     emergency_contact text,
     notes text,
     version int NOT NULL DEFAULT 1,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now()
   )`,
  `CREATE TABLE client_clinic (
     client_id uuid NOT NULL REFERENCES client,
     clinic_id uuid NOT NULL REFERENCES clinic,
     PRIMARY KEY (client_id, clinic_id)
   )`,
  'CREATE INDEX client_clinic_clinic ON client_clinic (clinic_id, client_id)',

  `CREATE TABLE resource (
     id uuid PRIMARY KEY,
     clinic_id uuid NOT NULL REFERENCES clinic,
     kind text NOT NULL CHECK (kind IN ('PERSONNEL','ROOM','EQUIPMENT')),
     name text NOT NULL,
     is_active boolean NOT NULL DEFAULT true,
     version int NOT NULL DEFAULT 1,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     deleted_at timestamptz
   )`,
  'CREATE INDEX resource_clinic ON resource (clinic_id, kind)',

  // A doctor is a bookable resource of kind PERSONNEL: the schedule belongs to the resource.
  `CREATE TABLE doctor (
     id uuid PRIMARY KEY,
     clinic_id uuid NOT NULL REFERENCES clinic,
     user_id uuid UNIQUE REFERENCES user_account,
     resource_id uuid NOT NULL UNIQUE REFERENCES resource,
     title text,
     first_name text NOT NULL,
     last_name text NOT NULL,
     speciality text NOT NULL,
     bio text,
     languages text[] NOT NULL DEFAULT '{}',
     photo_url text,
     is_active boolean NOT NULL DEFAULT true,
     version int NOT NULL DEFAULT 1,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     deleted_at timestamptz,
     search tsvector GENERATED ALWAYS AS (
       setweight(to_tsvector('simple', search_fold(first_name || ' ' || last_name)), 'A') ||
       setweight(to_tsvector('simple', search_fold(speciality)), 'B') ||
       setweight(to_tsvector('simple', search_fold(coalesce(bio, ''))), 'C')) STORED
   )`,
  'CREATE INDEX doctor_clinic ON doctor (clinic_id, id)',
  'CREATE INDEX doctor_name ON doctor (last_name, id) WHERE deleted_at IS NULL',
  'CREATE INDEX doctor_speciality ON doctor (lower(speciality), id)',
  'CREATE INDEX doctor_search ON doctor USING gin (search)',

  `CREATE TABLE service (
     id uuid PRIMARY KEY,
     clinic_id uuid NOT NULL REFERENCES clinic,
     name text NOT NULL,
     description text,
     duration_minutes int NOT NULL CHECK (duration_minutes BETWEEN 5 AND 720),
     buffer_before_minutes int NOT NULL DEFAULT 0 CHECK (buffer_before_minutes BETWEEN 0 AND 240),
     buffer_after_minutes int NOT NULL DEFAULT 0 CHECK (buffer_after_minutes BETWEEN 0 AND 240),
     price_minor bigint NOT NULL DEFAULT 0 CHECK (price_minor >= 0),
     currency char(3) NOT NULL,
     mode text NOT NULL DEFAULT 'IN_PERSON' CHECK (mode IN ('IN_PERSON','VIDEO')),
     capacity int NOT NULL DEFAULT 1 CHECK (capacity BETWEEN 1 AND 500),
     required_resource_kinds text[] NOT NULL DEFAULT '{}',
     is_active boolean NOT NULL DEFAULT true,
     version int NOT NULL DEFAULT 1,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     deleted_at timestamptz
   )`,
  'CREATE INDEX service_clinic ON service (clinic_id, id)',
  `CREATE TABLE service_doctor (
     service_id uuid NOT NULL REFERENCES service,
     doctor_id uuid NOT NULL REFERENCES doctor,
     PRIMARY KEY (service_id, doctor_id)
   )`,
  'CREATE INDEX service_doctor_doctor ON service_doctor (doctor_id)',

  `CREATE TABLE weekly_rule (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     resource_id uuid NOT NULL REFERENCES resource,
     weekday smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
     start_minute smallint NOT NULL CHECK (start_minute BETWEEN 0 AND 1439),
     end_minute smallint NOT NULL CHECK (end_minute BETWEEN 1 AND 1440),
     valid_from date,
     valid_to date,
     CHECK (start_minute < end_minute),
     CHECK (valid_from <= valid_to)
   )`,
  'CREATE INDEX weekly_rule_resource ON weekly_rule (resource_id)',
  `CREATE TABLE schedule_exception (
     id uuid PRIMARY KEY,
     resource_id uuid NOT NULL REFERENCES resource,
     kind text NOT NULL CHECK (kind IN ('CLOSED','OPEN')),
     from_day date NOT NULL,
     to_day date NOT NULL,
     start_minute smallint CHECK (start_minute BETWEEN 0 AND 1439),
     end_minute smallint CHECK (end_minute BETWEEN 1 AND 1440),
     reason text,
     created_at timestamptz NOT NULL DEFAULT now(),
     CHECK (from_day <= to_day),
     CHECK ((start_minute IS NULL) = (end_minute IS NULL)),
     CHECK (start_minute < end_minute)
   )`,
  'CREATE INDEX schedule_exception_resource ON schedule_exception (resource_id, to_day)',

  `CREATE TABLE appointment (
     id uuid PRIMARY KEY,
     clinic_id uuid NOT NULL REFERENCES clinic,
     client_id uuid NOT NULL REFERENCES client,
     doctor_id uuid NOT NULL REFERENCES doctor,
     service_id uuid NOT NULL REFERENCES service,
     resource_ids uuid[] NOT NULL DEFAULT '{}',
     group_id uuid,
     seat int CHECK (seat >= 1),
     start_at timestamptz NOT NULL,
     end_at timestamptz NOT NULL,
     status text NOT NULL CHECK (status IN ('PENDING','CONFIRMED','IN_PROGRESS','COMPLETED','CANCELLED','NO_SHOW')),
     notes text,
     price_minor bigint NOT NULL,
     currency char(3) NOT NULL,
     series_id uuid,
     checked_in_at timestamptz,
     started_at timestamptz,
     completed_at timestamptz,
     cancelled_at timestamptz,
     cancel_reason text,
     created_by uuid REFERENCES user_account,
     version int NOT NULL DEFAULT 1,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     CHECK (start_at < end_at)
   )`,
  // Lists run by start within one owner; id breaks ties for the cursor.
  'CREATE INDEX appointment_clinic ON appointment (clinic_id, start_at, id)',
  'CREATE INDEX appointment_doctor ON appointment (doctor_id, start_at, id)',
  'CREATE INDEX appointment_client ON appointment (client_id, start_at, id)',
  'CREATE INDEX appointment_service ON appointment (service_id, start_at)',
  // Seats of one group session: the number of live seats can't exceed the capacity, even if bookings race.
  `CREATE UNIQUE INDEX appointment_seat ON appointment (group_id, seat)
     WHERE group_id IS NOT NULL AND status NOT IN ('CANCELLED','NO_SHOW')`,

  // One row for every resource that an appointment needs: doctor, rooms, equipment and the client.
  // during includes the service's buffers. Rows of one group (one appointment; or the seats of one group session)
  // do not exclude each other; everything else does, and no code path can avoid this. A move writes the rows of the
  // next version beside the old ones and then deletes the old: it never blocks itself, and a move that fails changes nothing.
  `CREATE TABLE reservation (
     appointment_id uuid NOT NULL REFERENCES appointment,
     version int NOT NULL DEFAULT 1,
     resource_id uuid NOT NULL,
     kind text NOT NULL CHECK (kind IN ('DOCTOR','CLIENT','RESOURCE')),
     group_id uuid NOT NULL,
     during tstzrange NOT NULL CHECK (NOT isempty(during)),
     active boolean NOT NULL DEFAULT true,
     PRIMARY KEY (appointment_id, resource_id, version),
     CONSTRAINT reservation_no_overlap
       EXCLUDE USING gist (resource_id WITH =, during WITH &&, group_id WITH <>) WHERE (active)
   )`,

  `CREATE TABLE audit_log (
     id uuid PRIMARY KEY,
     occurred_at timestamptz NOT NULL DEFAULT now(),
     actor_user_id uuid,
     actor_role text,
     action text NOT NULL,
     object_type text NOT NULL,
     object_id uuid NOT NULL,
     clinic_id uuid,
     before_hash bytea,
     after_hash bytea,
     changes jsonb,
     request_id text
   )`,
  'CREATE INDEX audit_log_object ON audit_log (object_type, object_id, id)',
  `CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
     FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  `CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,

  `CREATE TABLE outbox (
     sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     id uuid NOT NULL,
     event text NOT NULL,
     aggregate_id uuid NOT NULL,
     clinic_id uuid,
     payload jsonb NOT NULL,
     occurred_at timestamptz NOT NULL DEFAULT now(),
     published_at timestamptz
   )`,
  'CREATE INDEX outbox_unpublished ON outbox (sequence) WHERE published_at IS NULL',

  // caller is the user, or the nil UUID for somebody who is not signed in. response is encrypted (FieldCipher).
  `CREATE TABLE idempotency_key (
     caller uuid NOT NULL,
     route text NOT NULL,
     key text NOT NULL,
     request_hash bytea NOT NULL,
     status smallint NOT NULL,
     response bytea NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (caller, route, key)
   )`,
  'CREATE INDEX idempotency_key_created ON idempotency_key (created_at)',
];
