import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { newContext, runInContext } from '../../../core/context/request-context.js';
import { Database } from '../../../core/database/database.js';
import type { Page } from '../../../core/http/page.js';
import { notFound } from '../../../core/kernel/domain-error.js';
import type { Actor } from '../../../core/kernel/actor.js';
import type { ChatAnswer, ConversationsQuery, ConversationView, MessagesQuery, MessageView } from '../chat.dto.js';
import { ConversationsRepository, type Earlier, type PastMessage, type Question } from './conversations.repository.js';

const SWEEP_MILLISECONDS = 600_000;
const BATCH = 500;

/** Conversations, encrypted, until they expire. Only their owners may read them. */
@Injectable()
export class ConversationsService {
  constructor(
    private readonly db: Database,
    private readonly conversations: ConversationsRepository,
    private readonly changes: ChangeLog,
  ) {}

  /** Not a job of Bull: what patients wrote is deleted on time also while Redis is away. */
  @Interval('delete-expired-conversations', SWEEP_MILLISECONDS)
  async sweep(): Promise<void> {
    await runInContext(newContext({ useCase: 'task delete-expired-conversations' }), () => this.removeExpired());
  }

  /** Deletes them. Their owners no longer see them from the moment that they expire. */
  async removeExpired(): Promise<void> {
    while ((await this.conversations.removeExpired(BATCH)) === BATCH);
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
      const read = { action: 'conversation.read', objectType: 'conversation', objectId: id, clinicId, event: null };
      await this.changes.record(read);
      return page;
    });
  }

  /** Deletes the conversation with all of its messages. */
  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const { clinicId } = await this.get(actor, id);
      await this.conversations.remove(actor.userId, id);
      const gone = { action: 'conversation.deleted', objectType: 'conversation', objectId: id, clinicId, event: null };
      await this.changes.record(gone);
      return null;
    });
  }

  find(userId: string, id: string): Promise<ConversationView | null> {
    return this.conversations.find(userId, id);
  }

  history(userId: string, id: string): Promise<PastMessage[] | null> {
    return this.conversations.history(userId, id);
  }

  earlier(userId: string, key: string): Promise<Earlier | null> {
    return this.conversations.earlier(userId, key);
  }

  forgetKey(questionId: string): Promise<void> {
    return this.conversations.forgetKey(questionId);
  }

  /** @returns false if the key is in use by another request */
  addQuestion(question: Question): Promise<boolean> {
    return this.conversations.addQuestion(question);
  }

  /** Stores the answer, and audits what was sent to the model: never what was said, nor how urgent it was. */
  async addAnswer(question: Question, answer: ChatAnswer, tokens: number): Promise<void> {
    await this.db.transaction(
      async () => {
        await this.conversations.addAnswer(question.userId, question.id, answer, tokens);
        await this.trace('chat.answered', question, { model: answer.model, tokens });
      },
      // Commits asynchronously: an answer that a power failure loses is asked for again. Emergencies are durable.
      { durable: answer.disposition === 'EMERGENCY' },
    );
  }

  /** The client disconnected before the answer came. */
  async abandon(question: Question): Promise<void> {
    await this.db.transaction(async () => {
      await this.conversations.forgetKey(question.id);
      await this.trace('chat.abandoned', question, {});
    });
  }

  private trace(action: string, question: Question, more: Record<string, unknown>): Promise<void> {
    const { id, conversationId, clinicId, redactions, promptHash } = question;
    const changes = { ...more, questionId: id, redactions, promptHash: promptHash?.toString('hex') ?? null };
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
