import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Release } from '../../core/concurrency/semaphore.js';
import { chatAnswers } from './chat-metrics.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { LOGGER } from '../../core/logging/logger.js';
import type { Completion } from '../../core/openai/completion-parser.js';
import { ProviderError } from '../../core/resilience/provider-error.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { FaqsService } from '../faqs/index.js';
import { needsEmergencyLines, faqAnswer, modelAnswer } from './answers/chat-answers.js';
import { ModelOutputParser } from './answers/model-output-parser.js';
import { emergencyLines } from './answers/texts.js';
import type { ChatEvent } from './chat-reply.js';
import type { ChatAnswer } from './chat.dto.js';
import { ConversationsService, type ModelUsage } from './conversations/conversations.service.js';
import { ChatModel } from './model/chat-model.js';
import { estimateTokens } from './model/tokens.js';
import type { Prompt } from './prompt.js';
import type { PreparedQuestion } from './question.service.js';
import type { ReplyContext } from './reply-context.js';
import { ShownText } from './shown-text.js';

interface Outcome extends ModelUsage {
  answer: ChatAnswer;
  /** ANSWERED, NO_MODEL, WITHHELD, or the reason why the model gave no answer; a label of the metrics. */
  why: string;
}

const NO_USAGE: ModelUsage = { model: null, tokens: 0 };

type PromptedQuestion = PreparedQuestion & { prompt: Prompt };

/** Failures before the model processed the question. They do not count towards the user's tokens of the day. */
const FREE_FAILURES: ReadonlySet<string> = new Set(['CIRCUIT_OPEN', 'UNREACHABLE', 'BUSY', 'REFUSED']);
/** Failures that are counted in the metrics as another one. */
const COUNTED_AS: Readonly<Record<string, string>> = { REDIRECTED: 'REFUSED', PROVIDER_ASKED_TO_WAIT: 'BUSY' };

/** Answers with the model, and with the FAQs if the model does not answer. */
@Injectable()
export class AnswerService implements OnModuleDestroy {
  private readonly closing = new AbortController();

  constructor(
    private readonly conversations: ConversationsService,
    private readonly faqs: FaqsService,
    private readonly model: ChatModel,
    private readonly limits: RateLimits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** At shutdown, open model calls end, and the FAQs answer instead. */
  onModuleDestroy(): void {
    this.closing.abort(new ProviderError('CLOSING'));
  }

  /**
   * Makes the answer and stores it before `done`. The client gets the emergency lines before the model is called.
   * @param release called when the answer is made, or has failed
   * @throws DomainError REQUEST_TIMEOUT if the client disconnected
   */
  async *answer(
    prepared: PreparedQuestion,
    clientGone: AbortSignal,
    release: Release,
  ): AsyncGenerator<ChatEvent, void> {
    const { question, stored, context, prompt } = prepared;
    const shown = new ShownText();
    try {
      if (!context.isAdministrative) yield* shown.add(linesFor(context));
      const outcome = prompt
        ? yield* this.fromModel({ ...prepared, prompt }, shown, clientGone)
        : await this.fromFaqs(prepared, 'NO_MODEL');
      const { answer, why, ...usage } = outcome;
      yield* shown.replaceWith(answer.answer);
      await stored;
      await this.conversations.addAnswer(question, answer, usage);
      chatAnswers.inc({ source: answer.source, why });
      release();
      yield { type: 'done', answer };
    } catch (error) {
      // Does nothing if the answer was stored after all.
      await this.conversations.releaseKey(question).catch(() => undefined);
      throw error;
    } finally {
      release();
    }
  }

  /**
   * Sends the model's answer sentence by sentence. The call ends early if the answer is an emergency, or contains what a
   * model must not say.
   */
  private async *fromModel(
    prompted: PromptedQuestion,
    shown: ShownText,
    clientGone: AbortSignal,
  ): AsyncGenerator<ChatEvent, Outcome> {
    const { context, prompt } = prompted;
    const parser = new ModelOutputParser({ phones: [context.clinic?.phone ?? '', context.number.number ?? ''] });
    const withLeadingLines = (text: string): string =>
      text === '' ? '' : leadingEmergencyLines(context, parser, shown) + text;
    const signal = AbortSignal.any([clientGone, this.closing.signal]);
    let completion: Completion | undefined;
    try {
      for await (const chunk of this.model.complete({ messages: prompt.messages, signal })) {
        completion = chunk.completion;
        const text = parser.push(chunk.text);
        if (parser.mustStop) break;
        yield* shown.add(withLeadingLines(text));
      }
      if (!parser.mustStop) {
        const rest = parser.end();
        if (!parser.mustStop) yield* shown.add(withLeadingLines(rest));
      }
      if (!parser.text && !parser.mustStop) throw new ProviderError('UNREADABLE_RESPONSE');
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      // The incomplete sentence may be advice to call for help.
      parser.end();
      if (error.reason === 'CLIENT_DISCONNECTED' || parser.disposition !== 'EMERGENCY')
        return await this.afterFailure(error, prompted, parser);
    }
    return this.toOutcome(prompted, parser, parser.mustStop ? undefined : completion);
  }

  private async toOutcome(
    prompted: PromptedQuestion,
    parser: ModelOutputParser,
    completion?: Completion,
  ): Promise<Outcome> {
    const { question, context, prompt } = prompted;
    const tokens = completion?.tokens ?? prompt.tokens + estimateTokens(parser.wholeText);
    const usage = { model: completion?.model ?? this.model.name, tokens };
    this.spend(question.userId, tokens);
    const { violation, disposition, text } = parser;
    if (violation && disposition !== 'EMERGENCY') {
      this.logger.warn({ violation, conversationId: question.conversationId }, 'words of the chat model were withheld');
      // Such an answer shows that the question was not administrative.
      return this.fromFaqs({ ...prompted, context: { ...context, isAdministrative: false } }, 'WITHHELD', usage);
    }
    const model = usage.model ?? '';
    const answer = modelAnswer(context, { text, disposition: disposition ?? 'ROUTINE', model });
    return { answer, ...usage, why: 'ANSWERED' };
  }

  private async afterFailure(
    { reason }: ProviderError,
    prompted: PromptedQuestion,
    parser: ModelOutputParser,
  ): Promise<Outcome> {
    const { question, stored, prompt } = prompted;
    const why = COUNTED_AS[reason] ?? reason;
    const tokens = prompt.tokens + estimateTokens(parser.wholeText);
    const usage = FREE_FAILURES.has(why) ? NO_USAGE : { model: this.model.name, tokens };
    if (usage.tokens > 0) this.spend(question.userId, usage.tokens);
    if (reason === 'CLIENT_DISCONNECTED') {
      await stored;
      await this.conversations.abandon(question);
      throw new DomainError('REQUEST_TIMEOUT', 'The client disconnected.');
    }
    this.logger.warn({ fault: why, conversationId: question.conversationId }, 'the chat model failed');
    return this.fromFaqs(prompted, why, usage);
  }

  private async fromFaqs(
    { question, context }: PreparedQuestion,
    why: string,
    usage: ModelUsage = NO_USAGE,
  ): Promise<Outcome> {
    const faq = await this.faqs.findAnswer(question.locale, question.text);
    return { answer: faqAnswer(context, faq), ...usage, why };
  }

  /** Not awaited, because only the next question needs the new sum. */
  private spend(userId: string, tokens: number): void {
    this.limits
      .addPoints('chatTokens', userId, tokens)
      .catch((error: unknown) => this.logger.warn({ err: error }, 'tokens of a chat were not counted'));
  }
}

const linesFor = ({ language, number }: ReplyContext): string => emergencyLines(language, number);

/** An administrative answer gets the emergency lines if the model's disposition is neither ROUTINE nor INFO. */
function leadingEmergencyLines(context: ReplyContext, { disposition }: ModelOutputParser, shown: ShownText): string {
  const isNeeded = shown.isEmpty && context.isAdministrative && needsEmergencyLines(context, disposition ?? 'ROUTINE');
  return isNeeded ? linesFor(context) : '';
}
