import { createHmac, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import type { KeyClaim, KeyUse } from '../../core/http/idempotency-claims.js';
import { inProgress, reused } from '../../core/http/idempotency-keys.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { deriveKey } from '../../core/security/tokens.js';
import type { Language } from '../../core/kernel/locale.js';
import { selectLanguage } from '../stroke/index.js';
import { CallerRepository, type Caller } from './caller.repository.js';
import type { ChatInput } from './chat-reply.js';
import type { ChatAnswer } from './chat.dto.js';
import type { PastMessage, Question } from './conversations/conversations.repository.js';
import { ConversationsService, type EarlierRequest } from './conversations/conversations.service.js';
import { ChatModel } from './model/chat-model.js';
import { buildPrompt, type Prompt } from './prompt.js';
import { getTotal } from './redaction/redactor.js';
import { buildReplyContext, type KnownContext, type ReplyContext } from './reply-context.js';

/** A request whose process died is given up this long after its answer was due. */
const GRACE_MILLISECONDS = 10_000;
/** All routes of the chat share their Idempotency-Keys. */
const ROUTE = 'POST /api/v1/ai/chat';

/** A question that is ready to be answered: what is stored, and what its answer needs. */
export interface PreparedQuestion {
  question: Question;
  /** Await it before the answer is stored. */
  stored: Promise<void>;
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
   * Gets the answer to an earlier request with the same Idempotency-Key.
   * @returns null if there was no such request
   * @throws DomainError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
   */
  async getEarlierAnswer(input: ChatInput): Promise<ChatAnswer | null> {
    const earlier = await this.findEarlierRequest(input);
    if (!earlier) return null;
    if (!earlier.isSameRequest) throw reused();
    if (!earlier.answer) throw inProgress();
    return earlier.answer;
  }

  async findEarlierRequest(input: ChatInput): Promise<EarlierRequest | null> {
    const use = this.toKeyUse(input);
    return use && this.conversations.findEarlierRequest(use, this.config.AI_TOTAL_MILLISECONDS + GRACE_MILLISECONDS);
  }

  /** Claims the Idempotency-Key. @returns null if the request has none, or another request has claimed it */
  async claimKey(input: ChatInput): Promise<KeyClaim | null> {
    const use = this.toKeyUse(input);
    return use && this.conversations.claimKey(use);
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
    // The question's id is made first, because messages are sorted by id.
    const id = newId();
    const context = this.buildContext(input, caller, { conversationId, messageId: newId(), isAdministrative });
    const { language } = context;
    const options = { own: caller, language, maxTokens: this.config.AI_CONTEXT_TOKENS };
    const prompt = mayAskModel && caller.allowsModel ? buildPrompt(history, request.message, options) : null;
    const locale = localeFor(input, caller, language);
    // A request with a key asks no model before it has claimed the key.
    const claim = await this.claimKey(input);
    if (input.key && !claim) throw inProgress();
    const question = this.toQuestion(input, { id, conversationId, clinicId: caller.clinicId, locale, prompt, claim });
    // The model does not wait until the question is stored.
    const stored = this.conversations.addQuestion(question);
    stored.catch(() => undefined);
    return { question, stored, context, prompt };
  }

  buildContext(
    input: ChatInput,
    caller: Caller | null,
    known: KnownContext,
    messageLanguage: Language | null = null,
  ): ReplyContext {
    return buildReplyContext(this.config, input, caller, known, messageLanguage);
  }

  /**
   * The stored form of a message. Its fingerprints are HMACs: with plain hashes, a reader of the database or the audit log
   * could find a message by trial.
   */
  toQuestion(
    { actor, request }: ChatInput,
    { prompt, ...given }: Omit<Question, 'userId' | 'text' | 'redactions' | 'promptHash'> & { prompt: Prompt | null },
  ): Question {
    return {
      ...given,
      userId: actor.userId,
      text: request.message,
      redactions: prompt ? getTotal(prompt.redactions) : 0,
      promptHash: prompt ? this.fingerprint(prompt.messages) : null,
    };
  }

  private toKeyUse({ actor, key, request, earlierMessages = [] }: ChatInput): KeyUse | null {
    if (!key) return null;
    const { conversationId, message, clinicId, locale } = request;
    // A message may be an emergency only together with the earlier messages, so they are part of the hash. If the client sends none,
    // the hash is the same for all routes.
    const requestHash = this.fingerprint([conversationId, message, clinicId, locale, ...earlierMessages]);
    return { caller: actor.userId, route: ROUTE, key, requestHash };
  }

  private fingerprint(content: unknown): Buffer {
    return createHmac('sha256', this.fingerprintKey).update(JSON.stringify(content)).digest();
  }

  private async mayAskModel(userId: string): Promise<boolean> {
    return this.model.name !== null && !(await this.limits.isExhausted('chatTokens', userId));
  }
}

/** The caller's locale with its region if it has the language of the answer, else the language alone. */
const localeFor = ({ request }: ChatInput, { locale }: Caller, language: Language): string =>
  [request.locale, locale].find((known) => known && selectLanguage({ locale: known }) === language) ?? language;
