import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { chatAnswers } from '../../core/health/metrics.js';
import { newId } from '../../core/kernel/id.js';
import { LOGGER } from '../../core/logging/logger.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { alarm } from './answers/answers.js';
import { AskerRepository } from './asker.repository.js';
import type { ChatAnswer } from './chat.dto.js';
import type { Question } from './conversations/conversations.repository.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { Questions } from './questions.js';
import type { Found } from './red-flags/gate.js';
import { Situations } from './situations.js';
import { answered, type Asked, type Turn } from './turn.js';

/** Whoever needs an ambulance is not kept waiting for our database. */
const WITHIN_MILLISECONDS = 1_000;

/** Answers what the red-flag gate found. Asks no model, and answers also where nothing can be looked up or kept. */
@Injectable()
export class EmergencyService {
  constructor(
    private readonly askers: AskerRepository,
    private readonly conversations: ConversationsService,
    private readonly situations: Situations,
    private readonly questions: Questions,
    private readonly limits: RateLimits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async answer(asked: Asked, { flag, language }: Found): Promise<Turn> {
    const { actor, request, key } = asked;
    await this.limits.consume('chatEmergencies', actor.userId);
    const earlier = key ? await this.soon(this.conversations.earlier(actor.userId, key)) : null;
    if (earlier?.answer && earlier.requestHash.equals(this.questions.hashOf(request)))
      return answered(earlier.answer, true);
    const [asker, conversationId] = await Promise.all([
      this.soon(this.askers.find(actor.userId, request.clinicId ?? null)),
      this.conversationOf(asked),
    ]);
    // Messages are read in the order of their ids: the question's is made first.
    const id = newId();
    const place = { conversationId, messageId: newId(), administrative: false };
    const answer = alarm(this.situations.of(asked, asker, place, language), flag);
    const clinicId = asker?.clinicId ?? null;
    chatAnswers.inc({ source: 'RULES', why: 'RED_FLAG' });
    const given = { id, conversationId, clinicId, locale: language, prompt: null };
    await this.soon(this.keep(this.questions.of({ ...asked, key: earlier ? null : key }, given), answer));
    return answered(answer);
  }

  /** The caller's own, else a new one: not the moment for a 404. */
  private async conversationOf({ actor, request: { conversationId } }: Asked): Promise<string> {
    const own = conversationId ? await this.soon(this.conversations.find(actor.userId, conversationId)) : null;
    return own?.id ?? newId();
  }

  private async keep(question: Question, answer: ChatAnswer): Promise<void> {
    if (await this.conversations.ask(question)) await this.conversations.keep(question, answer, 0);
  }

  private soon<T>(work: Promise<T>): Promise<T | null> {
    return Promise.race([work, sleep(WITHIN_MILLISECONDS, null, { ref: false })]).catch((error: unknown) => {
      this.logger.error({ err: error }, 'an emergency was answered without the database');
      return null;
    });
  }
}
