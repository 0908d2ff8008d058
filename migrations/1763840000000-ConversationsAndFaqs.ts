import type { MigrationInterface, QueryRunner } from 'typeorm';

/** FAQs by locale, and the conversations of the chat. Questions and answers are encrypted (FieldCipher). */
export class ConversationsAndFaqs1763840000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE IF EXISTS conversation_message, conversation, faq CASCADE');
  }
}

const UP = [
  // FAQs of one topic are translations of each other: a reader gets the one whose locale suits best.
  `CREATE TABLE faq (
     id uuid PRIMARY KEY,
     topic text NOT NULL,
     locale text NOT NULL,
     question text NOT NULL,
     answer text NOT NULL,
     category text,
     position int NOT NULL DEFAULT 0 CHECK (position BETWEEN 0 AND 100000),
     version int NOT NULL DEFAULT 1,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     question_search tsvector GENERATED ALWAYS AS (to_tsvector('simple', search_fold(question))) STORED,
     search tsvector GENERATED ALWAYS AS (
       setweight(to_tsvector('simple', search_fold(question)), 'A') ||
       setweight(to_tsvector('simple', search_fold(coalesce(category, ''))), 'B') ||
       setweight(to_tsvector('simple', search_fold(answer)), 'C')) STORED,
     UNIQUE (topic, locale)
   )`,
  'CREATE INDEX faq_order ON faq (position, id)',
  'CREATE INDEX faq_search ON faq USING gin (search)',

  `CREATE TABLE conversation (
     id uuid PRIMARY KEY,
     user_id uuid NOT NULL REFERENCES user_account,
     clinic_id uuid REFERENCES clinic,
     locale text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     expires_at timestamptz NOT NULL
   )`,
  'CREATE INDEX conversation_user ON conversation (user_id, updated_at, id)',
  'CREATE INDEX conversation_expires ON conversation (expires_at)',

  // A message of the USER may carry its Idempotency-Key; the ASSISTANT's answer names the question that it replies to.
  `CREATE TABLE conversation_message (
     id uuid PRIMARY KEY,
     conversation_id uuid NOT NULL REFERENCES conversation ON DELETE CASCADE,
     user_id uuid NOT NULL,
     role text NOT NULL CHECK (role IN ('USER','ASSISTANT')),
     replies_to uuid,
     sealed bytea NOT NULL,
     disposition text CHECK (disposition IN ('EMERGENCY','URGENT','ROUTINE','SELF_CARE','INFO')),
     source text CHECK (source IN ('RULES','MODEL','FALLBACK')),
     model text,
     tokens int,
     redactions int,
     prompt_hash bytea,
     request_key text,
     request_hash bytea,
     created_at timestamptz NOT NULL DEFAULT now()
   )`,
  'CREATE INDEX conversation_message_order ON conversation_message (conversation_id, id)',
  `CREATE UNIQUE INDEX conversation_message_key ON conversation_message (user_id, request_key)
     WHERE request_key IS NOT NULL`,
  'CREATE UNIQUE INDEX conversation_message_reply ON conversation_message (replies_to) WHERE replies_to IS NOT NULL',
];
