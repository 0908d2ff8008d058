import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { chatAnswers } from './chat-metrics.js';
import { newId } from '../../core/kernel/id.js';
import { LOGGER } from '../../core/logging/logger.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import type { Emergency } from './assessment.js';
import { emergencyAnswer } from './answers/chat-answers.js';
import { CallerRepository } from './caller.repository.js';
import { toReply, type ChatInput, type ChatReply } from './chat-reply.js';
import type { ChatAnswer } from './chat.dto.js';
import type { Question } from './conversations/conversations.repository.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { QuestionService } from './question.service.js';

/** How long an emergency may wait for each read or write of the database. */
const MAX_WAIT_MILLISECONDS = 1_000;

/** Answers a message that shows an emergency. It calls no model, and it also answers if the database does not respond. */
@Injectable()
export class EmergencyService {
  constructor(
    private readonly callers: CallerRepository,
    private readonly conversations: ConversationsService,
    private readonly questions: QuestionService,
    private readonly limits: RateLimits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async answer(input: ChatInput, { flag, language }: Emergency): Promise<ChatReply> {
    const { actor, request } = input;
    await this.limits.consume('chatEmergencies', actor.userId);
    // A key that is in use, or was used for another message, does not stop the answer.
    const earlier = await this.inTime(this.questions.findEarlierRequest(input));
    if (earlier?.answer && earlier.isSameRequest) return toReply(earlier.answer, { isReplayed: true });
    const [caller, conversationId] = await Promise.all([
      this.inTime(this.callers.find(actor.userId, request.clinicId ?? null)),
      this.findConversationId(input),
    ]);
    // The question's id is made first, because messages are sorted by id.
    const id = newId();
    const known = { conversationId, messageId: newId(), isAdministrative: false };
    const context = this.questions.buildContext(input, caller, known, language);
    const answer = emergencyAnswer(context, flag);
    const clinicId = caller?.clinicId ?? null;
    chatAnswers.inc({ source: 'RULES', why: 'RED_FLAG' });
    const given = { id, conversationId, clinicId, locale: context.language, prompt: null, claim: null };
    const question = this.questions.toQuestion(input, given);
    await this.inTime(this.store(question, answer, { ...input, key: earlier ? null : input.key }));
    return toReply(answer, { isReplayed: false });
  }

  /** The caller's conversation; a new id if they have no such conversation, since an emergency never gets a 404. */
  private async findConversationId({ actor, request: { conversationId } }: ChatInput): Promise<string> {
    const own = conversationId ? await this.inTime(this.conversations.find(actor.userId, conversationId)) : null;
    return own?.id ?? newId();
  }

  private async store(question: Question, answer: ChatAnswer, input: ChatInput): Promise<void> {
    const claim = await this.questions.claimKey(input);
    // The same request is being answered at this moment, and stored there.
    if (input.key && !claim) return;
    const claimed = { ...question, claim };
    try {
      await this.conversations.addQuestion(claimed);
      await this.conversations.addAnswer(claimed, answer, { model: null, tokens: 0 });
    } catch (error) {
      // The next request with the key is then stored, and can be repeated. Does nothing if this answer was stored after all.
      await this.conversations.releaseKey(claimed).catch(() => undefined);
      throw error;
    }
  }

  /** @returns null if the work fails or takes too long */
  private inTime<T>(work: Promise<T>): Promise<T | null> {
    return Promise.race([work, sleep(MAX_WAIT_MILLISECONDS, null, { ref: false })]).catch((error: unknown) => {
      this.logger.error({ err: error }, 'the database failed during an emergency; it was answered without it');
      return null;
    });
  }
}
