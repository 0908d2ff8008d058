import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config } from '../../core/config/config.js';
import { chatAnswers } from '../../core/health/metrics.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { LOGGER } from '../../core/logging/logger.js';
import type { Completion } from '../../core/openai/completion-parser.js';
import { ProviderError } from '../../core/resilience/provider-error.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { FaqsService } from '../faqs/index.js';
import { carriesSafetyNet, fallback, ofModel, type Situation } from './answers/answers.js';
import { ModelOutputParser } from './answers/model-output-parser.js';
import { safetyNetText } from './answers/texts.js';
import type { ChatAnswer } from './chat.dto.js';
import type { Question } from './conversations/conversations.repository.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { ChatModel } from './model/chat-model.js';
import { estimatedTokens } from './model/tokens.js';
import type { Prompt } from './prompt.js';
import { ShownText } from './shown-text.js';
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
type Why = 'ANSWERED' | 'NO_MODEL' | 'WITHHELD' | (string & {});

/** The model never got the question, or did not take it: nobody bills that, and the user's day goes on. */
const COSTS_NOTHING: ReadonlySet<string> = new Set(['CIRCUIT_OPEN', 'UNREACHABLE', 'BUSY', 'REFUSED']);
/** Counted as one in the metrics. */
const SAME_REASON: Readonly<Record<string, string>> = { REDIRECTED: 'REFUSED', PROVIDER_ASKED_TO_WAIT: 'BUSY' };

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
    this.closing.abort(new ProviderError('CLOSING'));
  }

  /**
   * The emergency lines are the first that the client gets, before the model is asked.
   * @throws DomainError REQUEST_TIMEOUT when nobody waits any more
   */
  async answer(taken: Taken, output: Output): Promise<ChatAnswer> {
    const { prompt, situation } = taken;
    const shown = new ShownText(output);
    if (!situation.administrative) await shown.add(safetyNetText(situation.language, situation.number));
    if (!prompt) return this.fromFaqs(taken, shown, 'NO_MODEL');
    const parser = new ModelOutputParser({ phones: [situation.clinic?.phone ?? '', situation.number.number ?? ''] });
    try {
      return await this.fromModel({ ...taken, prompt }, parser, shown, output.signal);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return await this.afterFailure(error, { ...taken, prompt }, parser, shown);
    }
  }

  private async fromModel(
    taken: Taken & { prompt: Prompt },
    parser: ModelOutputParser,
    shown: ShownText,
    signal: AbortSignal,
  ): Promise<ChatAnswer> {
    const { question, situation, prompt } = taken;
    const completion = await this.listen(taken, parser, shown, signal);
    const tokens = completion?.tokens ?? prompt.tokens + estimatedTokens(parser.saidText);
    this.spend(question.userId, tokens);
    if (parser.objection && parser.disposition !== 'EMERGENCY') {
      const { conversationId } = question;
      this.logger.warn({ objection: parser.objection, conversationId }, 'words of the chat model were withheld');
      // A model that went so far has not heard an administrative question.
      return this.fromFaqs({ ...taken, situation: { ...situation, administrative: false } }, shown, 'WITHHELD');
    }
    const answer = ofModel(situation, {
      text: parser.text,
      disposition: parser.disposition ?? 'ROUTINE',
      model: completion?.model ?? this.config.AI_MODEL,
    });
    await shown.become(answer.answer);
    return this.kept(taken, answer, tokens, 'ANSWERED');
  }

  /**
   * Shows what the model says sentence by sentence. It is not listened to any more once it calls it an emergency, or says
   * what it must not say.
   * @returns null then
   * @throws ProviderError
   */
  private async listen(
    { prompt: { messages }, situation }: Taken & { prompt: Prompt },
    parser: ModelOutputParser,
    shown: ShownText,
    signal: AbortSignal,
  ): Promise<Completion | null> {
    let isFirst = true;
    const show = async (text: string): Promise<boolean> => {
      const { disposition } = parser;
      if (disposition === 'EMERGENCY' || parser.objection) return false;
      if (text === '') return true;
      const needsNet = isFirst && situation.administrative && carriesSafetyNet(situation, disposition ?? 'ROUTINE');
      isFirst = false;
      await shown.add((needsNet ? safetyNetText(situation.language, situation.number) : '') + text);
      return true;
    };
    let completion: Completion | null = null;
    const ending = AbortSignal.any([signal, this.closing.signal]);
    for await (const chunk of this.model.complete({ messages, signal: ending })) {
      completion = chunk.completion ?? null;
      if (!(await show(parser.push(chunk.text)))) return null;
    }
    if (!(await show(parser.end()))) return null;
    if (!parser.text) throw new ProviderError('GARBAGE');
    return completion;
  }

  private async afterFailure(
    { reason }: ProviderError,
    taken: Taken & { prompt: Prompt },
    parser: ModelOutputParser,
    shown: ShownText,
  ): Promise<ChatAnswer> {
    const { question, prompt } = taken;
    const fault = SAME_REASON[reason] ?? reason;
    if (!COSTS_NOTHING.has(fault)) this.spend(question.userId, prompt.tokens + estimatedTokens(parser.saidText));
    if (fault === 'CLIENT_GONE') throw await this.abandoned(taken);
    this.logger.warn({ fault, conversationId: question.conversationId }, 'the chat model failed');
    return this.fromFaqs(taken, shown, fault);
  }

  private async fromFaqs(taken: Taken, shown: ShownText, why: Why): Promise<ChatAnswer> {
    const { question, situation } = taken;
    const faq = await this.faqs.bestMatch(question.locale, question.text);
    const answer = fallback(situation, faq);
    await shown.become(answer.answer);
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
