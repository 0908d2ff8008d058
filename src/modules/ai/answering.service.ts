import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config } from '../../core/config/config.js';
import { chatAnswers } from '../../core/health/metrics.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { LOGGER } from '../../core/logging/logger.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { FaqsService } from '../faqs/index.js';
import { fallback, ofModel, type Situation } from './answers/answers.js';
import { Spoken } from './answers/spoken.js';
import type { ChatAnswer } from './chat.dto.js';
import type { Question } from './conversations/conversations.repository.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { ChatModel, type Completion, type Fault, ModelError } from './model/chat-model.js';
import { estimatedTokens } from './model/tokens.js';
import type { Prompt } from './prompt.js';
import type { Output } from './turn.js';

/** A question that was taken: what is kept of it, and what its answer needs. */
export interface Taken {
  question: Question;
  /** Waited for before the answer is kept. */
  stored: Promise<boolean>;
  situation: Situation;
  /** Null where no model is asked. */
  prompt: Prompt | null;
}

/** What came of asking the model. */
type Why = 'ANSWERED' | 'NO_MODEL' | Fault;

/** The model never got the question, or did not take it: nobody bills that, and the user's day goes on. */
const COSTS_NOTHING: ReadonlySet<Fault> = new Set(['CIRCUIT_OPEN', 'UNREACHABLE', 'BUSY', 'REFUSED']);

/** Answers by the model, and by the FAQs where the model does not answer. */
@Injectable()
export class AnsweringService implements OnModuleDestroy {
  private readonly closing = new AbortController();

  constructor(
    private readonly conversations: ConversationsService,
    private readonly faqs: FaqsService,
    private readonly model: ChatModel,
    private readonly limits: RateLimits,
    private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Nobody is cut off: what the model has not said by then, the FAQs say. */
  onModuleDestroy(): void {
    this.closing.abort(new ModelError('CLOSING'));
  }

  /** @throws DomainError REQUEST_TIMEOUT when nobody waits any more */
  async answer(taken: Taken, output: Output): Promise<ChatAnswer> {
    const { prompt, question } = taken;
    if (!prompt) return this.fromFaqs(taken, output, 'NO_MODEL');
    const spoken = new Spoken();
    try {
      return await this.fromModel(taken, prompt, spoken, output);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      if (!COSTS_NOTHING.has(error.fault)) this.spend(question.userId, prompt.tokens + estimatedTokens(spoken.text));
      if (error.fault === 'CLIENT_GONE') throw await this.abandoned(taken);
      this.logger.warn({ fault: error.fault, conversationId: question.conversationId }, 'the chat model failed');
      if (spoken.text) await output.onReset();
      return await this.fromFaqs(taken, output, error.fault);
    }
  }

  private async fromModel(taken: Taken, prompt: Prompt, spoken: Spoken, output: Output): Promise<ChatAnswer> {
    const { question, situation } = taken;
    const completion = await this.listen(prompt, spoken, output);
    const tokens = completion?.tokens ?? prompt.tokens + estimatedTokens(spoken.text);
    this.spend(question.userId, tokens);
    const answer = ofModel(situation, {
      text: spoken.text,
      disposition: spoken.disposition ?? 'ROUTINE',
      model: completion?.model ?? this.config.AI_MODEL,
    });
    if (answer.disposition === 'EMERGENCY') await this.replace(spoken.text, answer.answer, output);
    return this.kept(taken, answer, tokens, 'ANSWERED');
  }

  /**
   * What the model says goes out as it comes; once it calls it an emergency it is not listened to any more.
   * @returns null then
   * @throws ModelError
   */
  private async listen({ messages }: Prompt, spoken: Spoken, output: Output): Promise<Completion | null> {
    const enough = new AbortController();
    const show = async (text: string): Promise<void> => {
      if (spoken.disposition === 'EMERGENCY') enough.abort(new ModelError('ENOUGH'));
      else if (text) await output.onText(text);
    };
    const signal = AbortSignal.any([output.signal, this.closing.signal, enough.signal]);
    const onText = (piece: string): Promise<void> => show(spoken.push(piece));
    try {
      const completion = await this.model.complete({ messages, signal, onText });
      await show(spoken.end());
      if (!spoken.text && !enough.signal.aborted) throw new ModelError('GARBAGE');
      return completion;
    } catch (error) {
      if (enough.signal.aborted) return null;
      throw error;
    }
  }

  /** The fixed text stands alone. */
  private async replace(shown: string, text: string, output: Output): Promise<void> {
    if (shown) await output.onReset();
    await output.onText(text);
  }

  private async fromFaqs(taken: Taken, output: Output, why: Why): Promise<ChatAnswer> {
    const { question, situation } = taken;
    const faq = await this.faqs.bestMatch(question.locale, question.text);
    const answer = fallback(situation, faq);
    await output.onText(answer.answer);
    return this.kept(taken, answer, 0, why);
  }

  private async kept({ question, stored }: Taken, answer: ChatAnswer, tokens: number, why: Why): Promise<ChatAnswer> {
    await stored;
    await this.conversations.keep(question, answer, tokens);
    chatAnswers.inc({ source: answer.source, why });
    return answer;
  }

  private async abandoned({ question, stored }: Taken): Promise<DomainError> {
    await stored;
    await this.conversations.abandon(question);
    return new DomainError('REQUEST_TIMEOUT', 'Nobody waits for this answer any more.');
  }

  /** Not waited for: the next question sees it. */
  private spend(userId: string, tokens: number): void {
    this.limits
      .spend('chatTokens', userId, tokens)
      .catch((error: unknown) => this.logger.warn({ err: error }, 'tokens of a chat were not counted'));
  }
}
