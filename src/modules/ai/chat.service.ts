import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config } from '../../core/config/config.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { LOGGER } from '../../core/logging/logger.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { FaqsService } from '../faqs/index.js';
import { languageOf } from '../stroke/index.js';
import { fallback, ofModel, type Situation } from './answers/answers.js';
import { Spoken } from './answers/spoken.js';
import { AskerRepository, type Asker } from './asker.repository.js';
import type { ChatAnswer } from './chat.dto.js';
import type { Question } from './conversations/conversations.repository.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { EmergencyService } from './emergency.service.js';
import { ChatModel, type Completion, ModelError } from './model/chat-model.js';
import { estimatedTokens } from './model/tokens.js';
import { promptOf, type Prompt } from './prompt.js';
import { findRedFlag } from './red-flags/gate.js';
import { totalOf } from './redaction.js';
import { Situations } from './situations.js';
import { answered, hashOf, type Asked, type Output, type Turn } from './turn.js';
import { UserSlots } from './user-slots.js';

/** A question that was taken: what is kept of it, and what an answer needs. */
interface Taken {
  question: Question;
  situation: Situation;
  /** Null where no model is asked. */
  prompt: Prompt | null;
  /** Of the FAQs. */
  locale: string;
}

/** A request whose process died is given up this long after its answer was due. */
const GRACE_MILLISECONDS = 10_000;

/** The chat: red-flag gate, then limits, then redaction and the model, else the FAQs. */
@Injectable()
export class ChatService implements OnModuleDestroy {
  private readonly slots = new UserSlots();
  private readonly closing = new AbortController();

  constructor(
    private readonly emergencies: EmergencyService,
    private readonly conversations: ConversationsService,
    private readonly askers: AskerRepository,
    private readonly situations: Situations,
    private readonly faqs: FaqsService,
    private readonly model: ChatModel,
    private readonly limits: RateLimits,
    private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Nobody is cut off: what the model has not said yet, the FAQs say. */
  onModuleDestroy(): void {
    this.closing.abort(new ModelError('CLOSING'));
  }

  /** @throws DomainError NOT_FOUND, RATE_LIMITED, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS */
  async begin(asked: Asked): Promise<Turn> {
    const redFlag = findRedFlag(asked.request.message);
    if (redFlag) return this.emergencies.answer(asked, redFlag);
    const earlier = await this.earlier(asked);
    if (earlier) return answered(earlier, true);
    const { userId } = asked.actor;
    await this.limits.consume('chatUser', userId);
    const release = this.slots.take(userId);
    try {
      const taken = await this.take(asked);
      const { conversationId, messageId } = taken.situation;
      const answer = (output: Output) => this.answer(taken, output).finally(release);
      return { conversationId, messageId, replayed: false, answer };
    } catch (error) {
      release();
      throw error;
    }
  }

  private async earlier({ actor, key, request }: Asked): Promise<ChatAnswer | null> {
    const earlier = key ? await this.conversations.earlier(actor.userId, key) : null;
    if (!earlier) return null;
    if (!earlier.requestHash.equals(hashOf(request))) throw reused();
    if (earlier.answer) return earlier.answer;
    if (earlier.ageMilliseconds < this.config.AI_TOTAL_MILLISECONDS + GRACE_MILLISECONDS) throw inProgress();
    await this.conversations.forgetKey(earlier.questionId);
    return null;
  }

  private async take(asked: Asked): Promise<Taken> {
    const { actor, request, key } = asked;
    const [asker, history, mayAsk] = await Promise.all([
      this.askers.find(actor.userId, request.clinicId ?? null),
      request.conversationId ? this.conversations.history(actor.userId, request.conversationId) : [],
      this.mayAskModel(actor.userId),
    ]);
    if (!asker || !history || (request.clinicId && !asker.clinicId)) throw notFound();
    const ids = { conversationId: request.conversationId ?? newId(), messageId: newId() };
    const situation = this.situations.of(asked, asker, ids);
    const { language } = situation;
    const limits = { own: asker, language, tokens: this.config.AI_CONTEXT_TOKENS };
    const prompt = mayAsk ? promptOf(history, request.message, limits) : null;
    const locale = localeFor(asked, asker, language);
    const question: Question = {
      id: newId(),
      conversationId: ids.conversationId,
      userId: actor.userId,
      clinicId: asker.clinicId,
      locale,
      text: request.message,
      redactions: prompt ? totalOf(prompt.redactions) : 0,
      promptHash: prompt?.hash ?? null,
      requestKey: key,
      requestHash: hashOf(request),
    };
    if (!(await this.conversations.ask(question))) throw inProgress();
    return { question, situation, prompt, locale };
  }

  private async mayAskModel(userId: string): Promise<boolean> {
    return this.model.name !== null && !(await this.limits.isExhausted('chatTokens', userId));
  }

  private async answer(taken: Taken, output: Output): Promise<ChatAnswer> {
    const { prompt, question, situation } = taken;
    if (!prompt) return this.fallBack(taken, output);
    const spoken = new Spoken();
    try {
      const { model, tokens } = await this.listen(prompt, spoken, output);
      const answer = ofModel(situation, { ...spoken, text: spoken.text, disposition: spoken.disposition ?? 'ROUTINE', model });
      if (answer.disposition === 'EMERGENCY') await output.onText(answer.answer);
      await this.conversations.keep(question, answer, tokens);
      return answer;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      if (error.fault === 'CLIENT_GONE') throw await this.gone(question);
      this.logger.warn({ fault: error.fault, conversationId: question.conversationId }, 'the chat model failed');
      if (spoken.text) await output.onReset();
      return await this.fallBack(taken, output);
    }
  }

  /** @throws ModelError */
  private async listen(prompt: Prompt, spoken: Spoken, output: Output): Promise<Completion> {
    const enough = new AbortController();
    const show = async (text: string): Promise<void> => {
      if (spoken.disposition === 'EMERGENCY') enough.abort(new ModelError('ENOUGH'));
      else if (text) await output.onText(text);
    };
    const signal = AbortSignal.any([output.signal, this.closing.signal, enough.signal]);
    try {
      const completion = await this.model.complete({
        messages: prompt.messages,
        signal,
        onText: (piece) => show(spoken.push(piece)),
      });
      await show(spoken.end());
      if (!spoken.text) throw new ModelError('GARBAGE');
      return completion;
    } catch (error) {
      if (!(error instanceof ModelError) || error.fault !== 'ENOUGH') throw error;
      return { model: this.config.AI_MODEL, tokens: estimatedTokens(spoken.text) };
    }
  }
}
