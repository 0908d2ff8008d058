import { Injectable } from '@nestjs/common';
import { Semaphore } from '../../core/concurrency/semaphore.js';
import { tooMany } from '../../core/security/local-rate-limiter.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AnswerService } from './answer.service.js';
import { assess } from './assessment.js';
import { toReply, type ChatInput, type ChatReply } from './chat-reply.js';
import type { PastMessage } from './conversations/conversations.repository.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { EmergencyService } from './emergency.service.js';
import { QuestionService } from './question.service.js';

/** Per user and process. */
const MAX_CONCURRENT_REPLIES = 2;
const RETRY_MILLISECONDS = 2_000;

/** Answers messages: looks for an emergency, then checks the limits, then asks the model or the FAQs. */
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
    // If the message alone shows an emergency, the answer does not need the database.
    const messageAlone = assess(message);
    if (messageAlone.kind === 'EMERGENCY') return this.emergencies.answer(input, messageAlone.emergency);
    const { userId } = input.actor;
    const history = continued ? await this.conversations.history(userId, continued) : [];
    const earlierMessages = getEarlierMessages(input, history ?? []);
    const assessment = earlierMessages.length === 0 ? messageAlone : assess(message, earlierMessages);
    if (assessment.kind === 'EMERGENCY') return this.emergencies.answer(input, assessment.emergency);

    const replayed = await this.questions.getEarlierAnswer(input);
    if (replayed) return toReply(replayed, { isReplayed: true });
    await this.limits.consume('chatUser', userId);
    const release = this.replies.tryAcquire(userId);
    if (!release) throw tooMany(RETRY_MILLISECONDS, MAX_CONCURRENT_REPLIES);
    try {
      const prepared = await this.questions.prepare(input, history, assessment.kind === 'ADMINISTRATIVE');
      const { conversationId, messageId } = prepared.context;
      const events: ChatReply['events'] = (clientGone) => this.answers.answer(prepared, clientGone, release);
      return { conversationId, messageId, isReplayed: false, events };
    } catch (error) {
      release();
      throw error;
    }
  }
}

/** The person's earlier messages, oldest first: those that the client sent along, and the recent ones of the conversation. */
const getEarlierMessages = ({ earlierMessages: sent = [] }: ChatInput, history: readonly PastMessage[]): string[] => [
  ...sent,
  ...history.filter(({ role, isRecent }) => role === 'USER' && isRecent).map(({ text }) => text),
];
