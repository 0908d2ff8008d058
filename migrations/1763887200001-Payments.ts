import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Payments, their refunds, receipts, the ledger, the received webhooks and the daily reconciliation. The ledger is append-only, and a
 * deferred trigger refuses a commit after which the entries of one booking (`source_id`, `event`) do not sum to zero.
 *
 * Existing rows: none. A clinic or service that already has `requires_deposit` from now on asks patients for the payment before a booking.
 * Additive: processes of the previous release take no payments, and book without them.
 */
export class Payments1763887200001 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const statement of DOWN) await db.query(statement);
  }
}

const UP = [
  `CREATE TABLE payment (
    id uuid PRIMARY KEY,
    clinic_id uuid NOT NULL REFERENCES clinic,
    client_id uuid NOT NULL REFERENCES client,
    kind text NOT NULL CHECK (kind IN ('DEPOSIT', 'FULL')),
    hold_id uuid,
    appointment_id uuid REFERENCES appointment,
    service_id uuid NOT NULL REFERENCES service,
    doctor_id uuid NOT NULL REFERENCES doctor,
    start_at timestamptz NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor > 0),
    amount_minor bigint NOT NULL CONSTRAINT payment_amount_minor_check CHECK (amount_minor BETWEEN 1 AND price_minor),
    currency char(3) NOT NULL,
    tax_basis_points int NOT NULL CHECK (tax_basis_points BETWEEN 0 AND 10000),
    status text NOT NULL DEFAULT 'CREATED' CHECK (status IN ('CREATED', 'REPLACED', 'PAID')),
    refunded_minor bigint NOT NULL DEFAULT 0 CONSTRAINT payment_refunded_minor_check CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    provider text NOT NULL,
    provider_order_id text NOT NULL,
    provider_payment_id text,
    duplicate_of uuid REFERENCES payment,
    receipt_number int,
    created_by uuid NOT NULL REFERENCES user_account,
    created_at timestamptz NOT NULL,
    paid_at timestamptz,
    is_settled boolean NOT NULL DEFAULT false,
    attempts int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    CONSTRAINT payment_paid_check CHECK ((status = 'PAID') = (receipt_number IS NOT NULL AND paid_at IS NOT NULL AND provider_payment_id IS NOT NULL)),
    CONSTRAINT payment_subject_check CHECK (hold_id IS NOT NULL OR appointment_id IS NOT NULL),
    CONSTRAINT payment_receipt UNIQUE (clinic_id, receipt_number)
  )`,
  `CREATE UNIQUE INDEX payment_order ON payment (provider, provider_order_id) WHERE duplicate_of IS NULL`,
  `CREATE UNIQUE INDEX payment_provider_payment ON payment (provider, provider_payment_id)`,
  `CREATE UNIQUE INDEX payment_open ON payment (coalesce(hold_id, appointment_id), kind) WHERE status = 'CREATED'`,
  `CREATE INDEX payment_client ON payment (client_id, id)`,
  `CREATE INDEX payment_clinic ON payment (clinic_id, id)`,
  `CREATE INDEX payment_appointment ON payment (appointment_id)`,
  `CREATE INDEX payment_hold ON payment (hold_id) WHERE hold_id IS NOT NULL`,
  `CREATE INDEX payment_due ON payment (next_attempt_at) WHERE next_attempt_at IS NOT NULL`,
  `CREATE TRIGGER client_not_merged BEFORE INSERT OR UPDATE OF client_id ON payment
   FOR EACH ROW EXECUTE FUNCTION assert_client_not_merged()`,
  `CREATE TABLE payment_refund (
    id uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payment,
    clinic_id uuid NOT NULL REFERENCES clinic,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    reason text NOT NULL CHECK (reason IN ('CANCELLED', 'TOO_LATE', 'PAID_TWICE', 'MANAGER', 'PROVIDER')),
    state text NOT NULL DEFAULT 'DUE' CHECK (state IN ('DUE', 'SENT', 'PROCESSED', 'FAILED')),
    provider_refund_id text UNIQUE,
    created_by uuid REFERENCES user_account,
    created_at timestamptz NOT NULL,
    processed_at timestamptz,
    attempts int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz
  )`,
  `CREATE INDEX payment_refund_payment ON payment_refund (payment_id)`,
  `CREATE INDEX payment_refund_due ON payment_refund (next_attempt_at) WHERE next_attempt_at IS NOT NULL`,
  `CREATE TABLE ledger_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id uuid NOT NULL,
    event text NOT NULL CHECK (event IN ('CAPTURED', 'REFUND_DUE', 'REFUNDED', 'REFUND_FAILED')),
    clinic_id uuid NOT NULL REFERENCES clinic,
    payment_id uuid NOT NULL REFERENCES payment,
    account text NOT NULL CHECK (account IN ('PROVIDER', 'REVENUE', 'TAX', 'REFUNDS')),
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
    currency char(3) NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT ledger_entry_once UNIQUE (source_id, event, account)
  )`,
  `CREATE INDEX ledger_entry_payment ON ledger_entry (payment_id)`,
  `CREATE INDEX ledger_entry_clinic ON ledger_entry (clinic_id, created_at)`,
  `CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry
   FOR EACH ROW EXECUTE FUNCTION refuse_change_of_table()`,
  `CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
   FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_table()`,
  `CREATE FUNCTION assert_ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT FROM ledger_entry e WHERE e.source_id = NEW.source_id AND e.event = NEW.event
                 GROUP BY e.clinic_id, e.currency HAVING sum(e.amount_minor) <> 0) THEN
        RAISE EXCEPTION 'the ledger entries of % % do not sum to zero', NEW.event, NEW.source_id
          USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balanced';
      END IF;
      RETURN NULL;
    END
  $$`,
  `CREATE CONSTRAINT TRIGGER ledger_balanced AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED
   FOR EACH ROW EXECUTE FUNCTION assert_ledger_balanced()`,
  `CREATE TABLE receipt_counter (
    clinic_id uuid PRIMARY KEY REFERENCES clinic,
    last_number int NOT NULL CHECK (last_number >= 1)
  )`,
  `CREATE TABLE payment_event (
    provider text NOT NULL,
    id text NOT NULL,
    type text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('APPLIED', 'IGNORED', 'QUARANTINED')),
    reason text,
    payment_id uuid REFERENCES payment,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (provider, id)
  )`,
  `CREATE TABLE payment_reconciliation (
    provider text NOT NULL,
    day date NOT NULL,
    checked int NOT NULL,
    repaired int NOT NULL,
    quarantined int NOT NULL,
    finished_at timestamptz NOT NULL,
    PRIMARY KEY (provider, day)
  )`,
  `ALTER TABLE notification ADD COLUMN refund_id uuid REFERENCES payment_refund`,
  `CREATE UNIQUE INDEX notification_refund ON notification (refund_id, user_id, channel) WHERE refund_id IS NOT NULL`,
];

const DOWN = [
  `DELETE FROM notification WHERE refund_id IS NOT NULL`,
  `ALTER TABLE notification DROP COLUMN refund_id`,
  `DROP TABLE payment_reconciliation, payment_event, receipt_counter, ledger_entry, payment_refund, payment`,
  `DROP FUNCTION assert_ledger_balanced()`,
];
