import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { newContext, runInContext } from '../../../core/context/request-context.js';
import { Database } from '../../../core/database/database.js';
import { IdempotencyClaims, type KeyClaim, type KeyUse } from '../../../core/http/idempotency-claims.js';
import type { Page } from '../../../core/http/page.js';
import { notFound } from '../../../core/kernel/domain-error.js';
import type { Actor } from '../../../core/kernel/actor.js';
import type { ChatAnswer, ConversationsQuery, ConversationView, MessagesQuery, MessageView } from '../chat.dto.js';
import { ConversationsRepository, type PastMessage, type Question } from './conversations.repository.js';

const SWEEP_MILLISECONDS = 600_000;
const MAX_DELETED_AT_ONCE = 500;

/** What an earlier request with the same Idempotency-Key got. */
export interface EarlierRequest {
  isSameRequest: boolean;
  /** Null while it is being answered. */
  answer: ChatAnswer | null;
}

/** What an answer used. */
export interface ModelUsage {
  /** The model that processed the question, also if its answer was withheld or incomplete; null if none did. */
  model: string | null;
  tokens: number;
}

/** Conversations, encrypted, until they expire. Only their owners may read them. */
@Injectable()
export class ConversationsService {
  constructor(
    private readonly db: Database,
    private readonly conversations: ConversationsRepository,
    private readonly changes: ChangeLog,
    private readonly keys: IdempotencyClaims,
  ) {}

  /** Not a job of Bull: what patients wrote is deleted on time also while Redis is away. */
  @Interval('delete-expired-conversations', SWEEP_MILLISECONDS)
  async sweep(): Promise<void> {
    await runInContext(newContext({ useCase: 'task delete-expired-conversations' }), () => this.removeExpired());
  }

  /** Deletes the expired conversations, in batches. Their owners have not seen them since they expired. */
  async removeExpired(): Promise<void> {
    while ((await this.conversations.removeExpired(MAX_DELETED_AT_ONCE)) === MAX_DELETED_AT_ONCE);
  }

  list(actor: Actor, query: ConversationsQuery): Promise<Page<ConversationView>> {
    return this.conversations.list(actor.userId, query);
  }

  async get(actor: Actor, id: string): Promise<ConversationView> {
    const conversation = await this.find(actor.userId, id);
    if (!conversation) throw notFound();
    return conversation;
  }

  async messages(actor: Actor, id: string, query: MessagesQuery): Promise<Page<MessageView>> {
    return this.db.transaction(async () => {
      const { clinicId } = await this.get(actor, id);
      const page = await this.conversations.messages(id, query);
      await this.record('conversation.read', { conversationId: id, clinicId });
      return page;
    });
  }

  /** Deletes the conversation with all of its messages. */
  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const { clinicId } = await this.get(actor, id);
      await this.conversations.remove(actor.userId, id);
      await this.record('conversation.deleted', { conversationId: id, clinicId });
      return null;
    });
  }

  find(userId: string, id: string): Promise<ConversationView | null> {
    return this.conversations.find(userId, id);
  }

  history(userId: string, id: string): Promise<PastMessage[] | null> {
    return this.conversations.history(userId, id);
  }

  /**
   * Finds the earlier request with the same Idempotency-Key.
   * @param maxMilliseconds how long an answer may take; after that, the request is treated as if it never came
   */
  async findEarlierRequest(use: KeyUse, maxMilliseconds: number): Promise<EarlierRequest | null> {
    const found = await this.keys.find(use, maxMilliseconds);
    if (!found) return null;
    const { isSameRequest, answerId } = found;
    if (!answerId) return { isSameRequest, answer: null };
    const answer = await this.conversations.findAnswer(use.caller, answerId);
    if (answer) return { isSameRequest, answer };
    // The conversation was deleted, and the key with it.
    await this.keys.release(found);
    return null;
  }

  /** @returns null if another request has claimed the key */
  claimKey(use: KeyUse): Promise<KeyClaim | null> {
    return this.keys.claim(use);
  }

  /** Releases the Idempotency-Key of a question that was not answered, so that it can be asked again. */
  async releaseKey({ claim }: Question): Promise<void> {
    if (claim) await this.keys.release(claim);
  }

  addQuestion(question: Question): Promise<void> {
    return this.conversations.addQuestion(question);
  }

  /** Stores the answer, and audits what was sent to the model: never what was said, nor how urgent it was. */
  async addAnswer(question: Question, answer: ChatAnswer, { model, tokens }: ModelUsage): Promise<void> {
    await this.db.transaction(
      async () => {
        await this.conversations.addAnswer(question.userId, question.id, answer, tokens);
        if (question.claim) await this.keys.complete(question.claim, answer.messageId);
        await this.recordQuestion('chat.answered', question, { model, tokens });
      },
      // Commits asynchronously: an answer that a power failure loses is asked for again. Emergencies are durable.
      { durable: answer.disposition === 'EMERGENCY' },
    );
  }

  /** The client disconnected before the answer came. */
  async abandon(question: Question): Promise<void> {
    await this.db.transaction(async () => {
      await this.releaseKey(question);
      await this.recordQuestion('chat.abandoned', question, {});
    });
  }

  private recordQuestion(action: string, question: Question, more: Record<string, unknown>): Promise<void> {
    const { id, redactions, promptHash } = question;
    const changes = { ...more, questionId: id, redactions, promptHash: promptHash?.toString('hex') ?? null };
    return this.record(action, question, changes);
  }

  private record(
    action: string,
    { conversationId, clinicId }: { conversationId: string; clinicId: string | null },
    changes?: Record<string, unknown>,
  ): Promise<void> {
    return this.changes.record({
      action,
      objectType: 'conversation',
      objectId: conversationId,
      clinicId,
      changes,
      event: null,
    });
  }
}
