import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Chat messages keep their Idempotency-Keys where all other requests do, in `idempotency_key`. Their answers stay in
 * `conversation_message` alone; the key refers to the answer by its id.
 *
 * Existing rows: the keys of the last 48 hours are carried over, with those of questions that are not answered yet. Older ones are
 * dropped, as all keys are after 48 hours. The messages do not change.
 */
export class ChatIdempotency1763882500000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE idempotency_key
        ALTER COLUMN status DROP NOT NULL,
        ALTER COLUMN response DROP NOT NULL,
        ADD COLUMN answer_id uuid,
        ADD CONSTRAINT idempotency_key_answer_check CHECK (response IS NULL OR answer_id IS NULL)`);
    await db.query(`
      INSERT INTO idempotency_key (caller, route, key, request_hash, answer_id, created_at)
      SELECT q.user_id, '${ROUTE}', q.request_key, q.request_hash, a.id, q.created_at
      FROM conversation_message q LEFT JOIN conversation_message a ON a.replies_to = q.id
      WHERE q.request_key IS NOT NULL AND q.request_hash IS NOT NULL AND q.created_at > now() - interval '48 hours'`);
    await db.query(`DROP INDEX conversation_message_key`);
    await db.query(`ALTER TABLE conversation_message DROP COLUMN request_key, DROP COLUMN request_hash`);
  }

  /** Keys of answered questions go back to their questions. Keys of unanswered ones are lost: those may be asked again. */
  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE conversation_message ADD COLUMN request_key text, ADD COLUMN request_hash bytea`);
    await db.query(`CREATE UNIQUE INDEX conversation_message_key ON conversation_message (user_id, request_key)
      WHERE request_key IS NOT NULL`);
    await db.query(`
      UPDATE conversation_message q SET request_key = k.key, request_hash = k.request_hash
      FROM idempotency_key k JOIN conversation_message a ON a.id = k.answer_id WHERE q.id = a.replies_to`);
    await db.query(`DELETE FROM idempotency_key WHERE response IS NULL`);
    await db.query(`
      ALTER TABLE idempotency_key
        DROP COLUMN answer_id,
        ALTER COLUMN status SET NOT NULL,
        ALTER COLUMN response SET NOT NULL`);
  }
}

const ROUTE = 'POST /api/v1/ai/chat';
