import { Injectable } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { Database } from '../../../core/database/database.js';
import type { EncryptedColumn } from '../../../core/encryption/encrypted-column.js';
import { FieldEncryption, UNREADABLE_TEXT } from '../../../core/encryption/field-encryption.js';
import type { KeyClaim } from '../../../core/http/idempotency-claims.js';
import { byCreation, keyset, toPage, type Page } from '../../../core/http/page.js';
import { withoutEmergencyLines } from '../answers/texts.js';
import type { ChatAnswer, ConversationsQuery, ConversationView, MessagesQuery, MessageView } from '../chat.dto.js';
import { Conversation } from './conversation.entity.js';

export interface Question {
  id: string;
  conversationId: string;
  userId: string;
  clinicId: string | null;
  locale: string;
  text: string;
  redactions: number;
  promptHash: Buffer | null;
  /** Of the request's Idempotency-Key. */
  claim: KeyClaim | null;
}

export interface PastMessage {
  role: 'USER' | 'ASSISTANT';
  /** Without the emergency lines that an answer begins with. */
  text: string;
  /** Whether it is recent enough to be read together with a new message. */
  isRecent: boolean;
}

interface SealedRow {
  id: string;
  role: 'USER' | 'ASSISTANT';
  sealed: Buffer;
}

/** The decrypted content of a message: the whole answer, or for a question only `answer`, which is then the text of the question. */
type MessageContent = { answer: string } & Partial<ChatAnswer>;

/** Messages that are read for a prompt. Its budget of tokens decides how many of them are sent. */
const MAX_HISTORY = 20;
/** Older messages are not read together with a new one. */
const MAX_RECENT_MINUTES = 60;

const COLUMNS = `
  c.id, c.clinic_id AS "clinicId", c.locale, c.created_at AS "createdAt", c.updated_at AS "updatedAt",
  c.expires_at AS "expiresAt",
  (SELECT count(*)::int FROM conversation_message m WHERE m.conversation_id = c.id) AS "messageCount"`;

export const MESSAGE_CONTENT: EncryptedColumn = {
  table: 'conversation_message',
  column: 'sealed',
  key: { id: 'uuid' },
  purpose: 'conversations',
  toAssociatedData: (id) => `conversation_message|${id}`,
};

/** Hand-written SQL: a question and an answer are one statement each, and lists continue after a cursor. */
@Injectable()
export class ConversationsRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
    private readonly config: Config,
  ) {}

  /** The last messages of the caller and the model, oldest first; null if the caller has no such conversation. */
  async history(userId: string, id: string): Promise<PastMessage[] | null> {
    type Row = SealedRow & { isRecent: boolean };
    const rows = await this.db.rows<Partial<Row>>(HISTORY, [id, userId, MAX_HISTORY, MAX_RECENT_MINUTES]);
    if (rows.length === 0) return null;
    const messages = rows.filter((row): row is Row => Boolean(row.id)).reverse();
    return messages.flatMap((row) => {
      const content = this.read(row);
      if (!content) return [];
      const { answer, safetyNet } = content;
      return { role: row.role, text: safetyNet ? withoutEmergencyLines(answer) : answer, isRecent: row.isRecent };
    });
  }

  async findAnswer(userId: string, id: string): Promise<ChatAnswer | null> {
    const row = await this.db.row<SealedRow>(
      `SELECT id, role, sealed FROM conversation_message WHERE id = $1 AND user_id = $2 AND role = 'ASSISTANT'`,
      [id, userId],
    );
    if (!row) return null;
    const answer = this.encryption.decrypt(MESSAGE_CONTENT, row.sealed, row.id) as ChatAnswer;
    // Answers of earlier versions have no such field.
    return { ...answer, safetyNet: answer.safetyNet ?? false };
  }

  /** Starts or continues the conversation. */
  async addQuestion(question: Question): Promise<void> {
    const { id, conversationId, userId, clinicId, locale, text, redactions, promptHash } = question;
    const sealed = this.encryption.encrypt(MESSAGE_CONTENT, { answer: text }, id);
    await this.db.rows(ADD_QUESTION, [
      conversationId,
      userId,
      clinicId,
      locale,
      this.config.AI_RETENTION_DAYS,
      id,
      sealed,
      redactions,
      promptHash,
    ]);
  }

  /** Writes nothing if the conversation was deleted in the meantime. */
  async addAnswer(userId: string, questionId: string, answer: ChatAnswer, tokens: number): Promise<void> {
    const { messageId, conversationId, disposition, source, model } = answer;
    const sealed = this.encryption.encrypt(MESSAGE_CONTENT, answer, messageId);
    await this.db.rows(ADD_ANSWER, [
      messageId,
      conversationId,
      userId,
      questionId,
      sealed,
      disposition,
      source,
      model,
      tokens,
    ]);
  }

  async list(userId: string, query: ConversationsQuery): Promise<Page<ConversationView>> {
    const page = keyset({
      sort: query.sort,
      columns: { updatedAt: { column: 'c.updated_at', type: 'timestamptz' } },
      idColumn: 'c.id',
      cursor: query.cursor,
    });
    const rows = await this.db.rows<ConversationView>(
      `SELECT ${COLUMNS} ${page.select} FROM conversation c WHERE c.user_id = $1 AND c.expires_at > now() ${page.where(3)}
       ${page.orderBy} LIMIT $2`,
      [userId, query.limit + 1, ...page.values],
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(
          `SELECT count(*)::int AS n FROM conversation WHERE user_id = $1 AND expires_at > now()`,
          [userId],
        )
      : null;
    return toPage(rows, query.limit, page, total?.n);
  }

  async find(userId: string, id: string): Promise<ConversationView | null> {
    return this.db.row<ConversationView>(
      `SELECT ${COLUMNS} FROM conversation c WHERE c.id = $1 AND c.user_id = $2 AND c.expires_at > now()`,
      [id, userId],
    );
  }

  async messages(id: string, query: MessagesQuery): Promise<Page<MessageView>> {
    const page = keyset({
      sort: 'id',
      columns: { id: byCreation('m.id') },
      idColumn: 'm.id',
      cursor: query.cursor,
    });
    const rows = await this.db.rows<Omit<MessageView, 'text'> & SealedRow>(
      `SELECT m.id, m.role, m.sealed, m.disposition, m.source, m.model, m.created_at AS "createdAt"
       FROM conversation_message m WHERE m.conversation_id = $1 ${page.where(3)} ${page.orderBy} LIMIT $2`,
      [id, query.limit + 1, ...page.values],
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(
          `SELECT count(*)::int AS n FROM conversation_message WHERE conversation_id = $1`,
          [id],
        )
      : null;
    return toPage(rows, query.limit, page, total?.n).map((row) => {
      const { sealed: _, ...message } = row;
      return { ...message, text: this.read(row)?.answer ?? UNREADABLE_TEXT };
    });
  }

  /** Deletes the conversation with its messages. @returns whether the user had it */
  async remove(userId: string, id: string): Promise<boolean> {
    const { affected } = await this.db.repository(Conversation).delete({ id, userId });
    return affected === 1;
  }

  /** Deletes at most `max` expired conversations. @returns how many */
  async removeExpired(max: number): Promise<number> {
    const rows = await this.db.rows(
      `DELETE FROM conversation WHERE id IN
         (SELECT id FROM conversation WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING id`,
      [max],
    );
    return rows.length;
  }

  /** @returns null if it cannot be decrypted */
  private read({ id, sealed }: SealedRow): MessageContent | null {
    return this.encryption.read(MESSAGE_CONTENT, sealed, id) as MessageContent | null;
  }
}

const HISTORY = `
  SELECT m.id, m.role, m.sealed, m.created_at > now() - make_interval(mins => $4) AS "isRecent" FROM conversation c
  LEFT JOIN LATERAL (
    SELECT id, role, sealed, created_at FROM conversation_message
    WHERE conversation_id = c.id AND (source IS NULL OR source = 'MODEL' AND disposition <> 'EMERGENCY')
    ORDER BY id DESC LIMIT $3) m ON true
  WHERE c.id = $1 AND c.user_id = $2 AND c.expires_at > now() ORDER BY m.id DESC`;

// Commits asynchronously: nobody learns of a question before its answer is committed, and that commit makes this one durable.
const ADD_QUESTION = `
  WITH begun AS (
    INSERT INTO conversation (id, user_id, clinic_id, locale, expires_at)
    VALUES ($1::uuid, $2::uuid, $3::uuid, $4, now() + make_interval(days => $5))
    ON CONFLICT (id) DO UPDATE SET updated_at = now(), expires_at = excluded.expires_at, locale = excluded.locale
    WHERE conversation.user_id = excluded.user_id
    RETURNING id)
  INSERT INTO conversation_message (id, conversation_id, user_id, role, sealed, redactions, prompt_hash)
  SELECT $6::uuid, begun.id, $2::uuid, 'USER', $7, $8, $9
  FROM begun, (SELECT set_config('synchronous_commit', 'off', true)) asynchronous_commit`;

const ADD_ANSWER = `
  INSERT INTO conversation_message (id, conversation_id, user_id, role, replies_to, sealed, disposition, source, model, tokens)
  SELECT $1::uuid, c.id, $3::uuid, 'ASSISTANT', q.id, $5, $6, $7, $8, $9
  FROM conversation c JOIN conversation_message q ON q.id = $4 WHERE c.id = $2
  FOR KEY SHARE OF c
  ON CONFLICT DO NOTHING`;
