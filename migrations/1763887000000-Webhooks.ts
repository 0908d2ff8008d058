import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Webhooks: endpoints of other systems, and the deliveries of events to them. `webhook_delivery_event` makes one delivery of an event to
 * an endpoint, however often the event is consumed. Deliveries are deleted with their endpoint.
 *
 * Existing rows: none. Additive: processes of the previous release create no deliveries.
 */
export class Webhooks1763887000000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE webhook_endpoint (
        id uuid PRIMARY KEY,
        version int NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        clinic_id uuid REFERENCES clinic,
        created_by uuid REFERENCES user_account,
        url text NOT NULL,
        events text[] NOT NULL,
        paused_at timestamptz,
        paused_reason text,
        secret bytea NOT NULL,
        previous_secret bytea,
        previous_secret_until timestamptz,
        last_success_at timestamptz,
        CONSTRAINT webhook_endpoint_events_check CHECK (cardinality(events) > 0),
        CONSTRAINT webhook_endpoint_paused_check CHECK ((paused_at IS NULL) = (paused_reason IS NULL)),
        CONSTRAINT webhook_endpoint_paused_reason_check CHECK (paused_reason IN ('REQUESTED', 'FAILING', 'GONE')),
        CONSTRAINT webhook_endpoint_previous_check CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL))
      )`);
    await db.query('CREATE UNIQUE INDEX webhook_endpoint_clinic_url ON webhook_endpoint (clinic_id, url)');
    await db.query('CREATE UNIQUE INDEX webhook_endpoint_url ON webhook_endpoint (url) WHERE clinic_id IS NULL');
    await db.query(`
      CREATE TABLE webhook_delivery (
        id uuid PRIMARY KEY,
        endpoint_id uuid NOT NULL REFERENCES webhook_endpoint ON DELETE CASCADE,
        event_id uuid NOT NULL,
        event text NOT NULL,
        payload jsonb NOT NULL,
        occurred_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        state text NOT NULL DEFAULT 'PENDING',
        attempts int NOT NULL DEFAULT 0,
        earlier_attempts int NOT NULL DEFAULT 0,
        next_attempt_at timestamptz DEFAULT now(),
        last_attempt_at timestamptz,
        status int,
        error text,
        duration_milliseconds int,
        CONSTRAINT webhook_delivery_state_check CHECK (state IN ('PENDING', 'SENDING', 'DELIVERED', 'FAILED')),
        CONSTRAINT webhook_delivery_next_check CHECK ((state IN ('PENDING', 'SENDING')) = (next_attempt_at IS NOT NULL))
      )`);
    await db.query('CREATE UNIQUE INDEX webhook_delivery_event ON webhook_delivery (endpoint_id, event_id)');
    await db.query('CREATE INDEX webhook_delivery_log ON webhook_delivery (endpoint_id, id)');
    await db.query(`CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, next_attempt_at)
                    WHERE state IN ('PENDING', 'SENDING')`);
    await db.query('CREATE INDEX webhook_delivery_created ON webhook_delivery (created_at)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE webhook_delivery');
    await db.query('DROP TABLE webhook_endpoint');
  }
}
