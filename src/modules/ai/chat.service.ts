import { Injectable } from '@nestjs/common';
import { Semaphore } from '../../core/concurrency/semaphore.js';
import { tooMany } from '../../core/security/local-rate-limiter.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AnswerService } from './answer.service.js';
import { assess } from './assessment.js';
import { replyWith, type ChatInput, type ChatReply } from './chat-reply.js';
import type { PastMessage } from './conversations/conversations.repository.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { EmergencyService } from './emergency.service.js';
import { QuestionService } from './question.service.js';

/** Messages of one user that this process answers at the same time. */
const MAX_CONCURRENT_REPLIES = 2;
const RETRY_MILLISECONDS = 2_000;

/** The chat: first the red-flag rules, then the limits, then redaction and the model, or the FAQs. */
@Injectable()
export class ChatService {
  private readonly replies = new Semaphore({ perKey: MAX_CONCURRENT_REPLIES });

  constructor(
    private readonly emergencies: EmergencyService,
    private readonly questions: QuestionService,
    private readonly answers: AnswerService,
    private readonly conversations: ConversationsService,
    private readonly limits: RateLimits,
  ) {}

  /** @throws DomainError NOT_FOUND, RATE_LIMITED, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS */
  async ask(input: ChatInput): Promise<ChatReply> {
    const { message, conversationId: continued } = input.request;
    // An emergency that the message alone shows is answered without the database.
    const alone = assess(message);
    if (alone.kind === 'EMERGENCY') return this.emergencies.answer(input, alone.found);
    const { userId } = input.actor;
    const history = continued ? await this.conversations.history(userId, continued) : [];
    const assessment = assess(message, earlierMessages(input, history ?? []));
    if (assessment.kind === 'EMERGENCY') return this.emergencies.answer(input, assessment.found);

    const earlier = await this.questions.earlierAnswer(input);
    if (earlier) return replyWith(earlier, true);
    await this.limits.consume('chatUser', userId);
    const release = this.replies.tryAcquire(userId);
    if (!release) throw tooMany(RETRY_MILLISECONDS, MAX_CONCURRENT_REPLIES);
    try {
      const prepared = await this.questions.prepare(input, history, assessment.kind === 'ADMINISTRATIVE');
      const { conversationId, messageId } = prepared.context;
      const events: ChatReply['events'] = (gone) => this.answers.answer(prepared, gone, release);
      return { conversationId, messageId, isReplayed: false, events };
    } catch (error) {
      release();
      throw error;
    }
  }
}

/** What the person said lately in this conversation, or what the client remembers. */
const earlierMessages = (
  { earlierMessages: remembered = [] }: ChatInput,
  history: readonly PastMessage[],
): string[] => [
  ...remembered,
  ...history.filter(({ role, isRecent }) => role === 'USER' && isRecent).map(({ text }) => text),
];
