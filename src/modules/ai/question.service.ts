import { createHmac, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { inProgress, reused } from '../../core/http/idempotency-keys.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { deriveKey } from '../../core/security/tokens.js';
import { selectLanguage, type Language } from '../stroke/index.js';
import { CallerRepository, type Caller } from './caller.repository.js';
import type { ChatInput } from './chat-reply.js';
import type { ChatAnswer, ChatRequest } from './chat.dto.js';
import type { PastMessage, Question } from './conversations/conversations.repository.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { ChatModel } from './model/chat-model.js';
import { buildPrompt, type Prompt } from './prompt.js';
import { totalOf } from './redaction/redaction.js';
import { replyContext, type ReplyContext } from './reply-context.js';

/** A request whose process died is given up this long after its answer was due. */
const GRACE_MILLISECONDS = 10_000;

/** A question that is ready to be answered: what is kept of it, and what its answer needs. */
export interface PreparedQuestion {
  question: Question;
  /** Await it before the answer is kept. */
  stored: Promise<boolean>;
  context: ReplyContext;
  /** Redacted. Null if no model is asked. */
  prompt: Prompt | null;
}

/** Prepares questions, and recognises repeated ones. */
@Injectable()
export class QuestionService {
  private readonly fingerprintKey: KeyObject;

  constructor(
    private readonly callers: CallerRepository,
    private readonly conversations: ConversationsService,
    private readonly model: ChatModel,
    private readonly limits: RateLimits,
    private readonly config: Config,
  ) {
    this.fingerprintKey = deriveKey(config.JWT_SECRET, 'chat-fingerprints');
  }

  /**
   * The answer to an earlier request with the same Idempotency-Key; null if there is none.
   * @throws DomainError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
   */
  async earlierAnswer({ actor, key, request }: ChatInput): Promise<ChatAnswer | null> {
    const earlier = key ? await this.conversations.earlier(actor.userId, key) : null;
    if (!earlier) return null;
    if (!earlier.requestHash.equals(this.hashOf(request))) throw reused();
    if (earlier.answer) return earlier.answer;
    if (earlier.ageMilliseconds < this.config.AI_TOTAL_MILLISECONDS + GRACE_MILLISECONDS) throw inProgress();
    await this.conversations.forgetKey(earlier.questionId);
    return null;
  }

  /**
   * Looks up the caller and the clinic, redacts what goes to the model, and stores the question.
   * @param history null if the caller has no such conversation
   * @throws DomainError NOT_FOUND, IDEMPOTENCY_IN_PROGRESS
   */
  async prepare(input: ChatInput, history: PastMessage[] | null, isAdministrative: boolean): Promise<PreparedQuestion> {
    const { actor, request } = input;
    const [caller, mayAskModel] = await Promise.all([
      this.callers.find(actor.userId, request.clinicId ?? null),
      this.mayAskModel(actor.userId),
    ]);
    if (!caller || !history || (request.clinicId && !caller.clinicId)) throw notFound();
    const conversationId = request.conversationId ?? newId();
    // Messages are read in the order of their ids: the question's is made first.
    const id = newId();
    const context = this.contextOf(input, caller, { conversationId, messageId: newId(), isAdministrative });
    const prompt = mayAskModel ? this.promptFor(input, caller, history, context.language) : null;
    const locale = localeFor(input, caller, context.language);
    const question = this.toQuestion(input, { id, conversationId, clinicId: caller.clinicId, locale, prompt });
    const stored = this.conversations.addQuestion(question);
    // The model need not wait for the disk; with a key it must, since the row is the claim on it.
    if (question.requestKey === null) stored.catch(() => undefined);
    else if (!(await stored)) throw inProgress();
    return { question, stored, context, prompt };
  }

  contextOf(
    input: ChatInput,
    caller: Caller | null,
    place: Pick<ReplyContext, 'conversationId' | 'messageId' | 'isAdministrative'>,
    spoken: Language | null = null,
  ): ReplyContext {
    return replyContext(this.config, input, caller, place, spoken);
  }

  /**
   * What is kept of a message. Its fingerprints are HMACs: with plain hashes, whoever has the database or reads the audit
   * log could try out what was said.
   */
  toQuestion(
    { actor, request, key }: ChatInput,
    { prompt, ...given }: Pick<Question, 'id' | 'conversationId' | 'clinicId' | 'locale'> & { prompt: Prompt | null },
  ): Question {
    return {
      ...given,
      userId: actor.userId,
      text: request.message,
      redactions: prompt ? totalOf(prompt.redactions) : 0,
      promptHash: prompt ? this.fingerprint(prompt.messages) : null,
      requestKey: key,
      requestHash: this.hashOf(request),
    };
  }

  /** Tells a repeated request from another one with the same key. */
  hashOf({ conversationId, message, clinicId, locale }: ChatRequest): Buffer {
    return this.fingerprint([conversationId, message, clinicId, locale]);
  }

  private fingerprint(content: unknown): Buffer {
    return createHmac('sha256', this.fingerprintKey).update(JSON.stringify(content)).digest();
  }

  private async mayAskModel(userId: string): Promise<boolean> {
    return this.model.name !== null && !(await this.limits.isExhausted('chatTokens', userId));
  }

  private promptFor({ request }: ChatInput, own: Caller, history: PastMessage[], language: Language): Prompt {
    return buildPrompt(history, request.message, { own, language, tokens: this.config.AI_CONTEXT_TOKENS });
  }
}

/** The caller's locale with its region, if it is of the language that is spoken. */
const localeFor = ({ request }: ChatInput, { locale }: Caller, language: Language): string =>
  [request.locale, locale].find((known) => known && selectLanguage({ locale: known }) === language) ?? language;
