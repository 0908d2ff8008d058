import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { chatAnswers } from './chat-metrics.js';
import { newId } from '../../core/kernel/id.js';
import { LOGGER } from '../../core/logging/logger.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { emergencyAnswer } from './answers/chat-answers.js';
import { CallerRepository } from './caller.repository.js';
import { replyWith, type ChatInput, type ChatReply } from './chat-reply.js';
import type { ChatAnswer } from './chat.dto.js';
import type { Question } from './conversations/conversations.repository.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { QuestionService } from './question.service.js';
import type { Found } from './red-flags/find-red-flag.js';

/** Someone who needs an ambulance does not wait longer than this for our database. */
const MAX_WAIT_MILLISECONDS = 1_000;

/** Answers a sign that the red-flag gate found. Asks no model, and answers also if nothing can be read or stored. */
@Injectable()
export class EmergencyService {
  constructor(
    private readonly callers: CallerRepository,
    private readonly conversations: ConversationsService,
    private readonly questions: QuestionService,
    private readonly limits: RateLimits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async answer(input: ChatInput, { flag, language }: Found): Promise<ChatReply> {
    const { actor, request } = input;
    await this.limits.consume('chatEmergencies', actor.userId);
    // A key that is in use, or was used for another message, does not stop the answer.
    const earlier = await this.inTime(this.questions.findEarlier(input));
    if (earlier?.answer && earlier.isSameRequest) return replyWith(earlier.answer, true);
    const [caller, conversationId] = await Promise.all([
      this.inTime(this.callers.find(actor.userId, request.clinicId ?? null)),
      this.conversationOf(input),
    ]);
    // Messages are read in the order of their ids: the question's is made first.
    const id = newId();
    const place = { conversationId, messageId: newId(), isAdministrative: false };
    const answer = emergencyAnswer(this.questions.contextOf(input, caller, place, language), flag);
    const clinicId = caller?.clinicId ?? null;
    chatAnswers.inc({ source: 'RULES', why: 'RED_FLAG' });
    const given = { id, conversationId, clinicId, locale: language, prompt: null, claim: null };
    const question = this.questions.toQuestion(input, given);
    await this.inTime(this.store(question, answer, { ...input, key: earlier ? null : input.key }));
    return replyWith(answer);
  }

  /** The caller's own, else a new one: an emergency is never answered with a 404. */
  private async conversationOf({ actor, request: { conversationId } }: ChatInput): Promise<string> {
    const own = conversationId ? await this.inTime(this.conversations.find(actor.userId, conversationId)) : null;
    return own?.id ?? newId();
  }

  private async store(question: Question, answer: ChatAnswer, input: ChatInput): Promise<void> {
    const claim = await this.questions.claim(input);
    // The same request is being answered at this moment, and stored there.
    if (input.key && !claim) return;
    await this.conversations.addQuestion(question);
    await this.conversations.addAnswer({ ...question, claim }, answer, 0);
  }

  private inTime<T>(work: Promise<T>): Promise<T | null> {
    return Promise.race([work, sleep(MAX_WAIT_MILLISECONDS, null, { ref: false })]).catch((error: unknown) => {
      this.logger.error({ err: error }, 'an emergency was answered without the database');
      return null;
    });
  }
}
