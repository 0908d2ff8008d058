import { Injectable } from '@nestjs/common';
import { Semaphore } from '../../core/concurrency/semaphore.js';
import { Config } from '../../core/config/config.js';
import { inProgress, reused } from '../../core/http/idempotency-keys.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { tooMany } from '../../core/security/flood-gate.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { languageOf, type Language } from '../stroke/index.js';
import { AnsweringService, type Taken } from './answering.service.js';
import type { Situation } from './answers/answers.js';
import { AskerRepository, type Asker } from './asker.repository.js';
import { assess } from './assessment.js';
import type { ChatAnswer } from './chat.dto.js';
import type { PastMessage } from './conversations/conversations.repository.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { EmergencyService } from './emergency.service.js';
import { ChatModel } from './model/chat-model.js';
import { promptOf, type Prompt } from './prompt.js';
import { Questions } from './questions.js';
import { Situations } from './situations.js';
import { answered, type Asked, type Output, type Turn } from './turn.js';

/** A request whose process died is given up this long after its answer was due. */
const GRACE_MILLISECONDS = 10_000;
/** Messages of one user that this process answers at the same time. */
const MAX_CONCURRENT_REPLIES = 2;
const RETRY_MILLISECONDS = 2_000;

/** The chat: first the red-flag rules, then the limits, then redaction and the model, or the FAQs. */
@Injectable()
export class ChatService {
  private readonly replies = new Semaphore({ perKey: MAX_CONCURRENT_REPLIES });

  constructor(
    private readonly emergencies: EmergencyService,
    private readonly answering: AnsweringService,
    private readonly conversations: ConversationsService,
    private readonly askers: AskerRepository,
    private readonly situations: Situations,
    private readonly questions: Questions,
    private readonly model: ChatModel,
    private readonly limits: RateLimits,
    private readonly config: Config,
  ) {}

  /** @throws DomainError NOT_FOUND, RATE_LIMITED, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS */
  async begin(asked: Asked): Promise<Turn> {
    const { message, conversationId: continued } = asked.request;
    // An emergency that the message shows alone is answered without the database.
    const alone = assess(message);
    if (alone.kind === 'EMERGENCY') return this.emergencies.answer(asked, alone.found);
    const { userId } = asked.actor;
    const history = continued ? await this.conversations.history(userId, continued) : [];
    const assessed = assess(message, earlierMessages(asked, history ?? []));
    if (assessed.kind === 'EMERGENCY') return this.emergencies.answer(asked, assessed.found);
    const earlier = await this.earlier(asked);
    if (earlier) return answered(earlier, true);
    await this.limits.consume('chatUser', userId);
    const release = this.replies.tryAcquire(userId);
    if (!release) throw tooMany(RETRY_MILLISECONDS, MAX_CONCURRENT_REPLIES);
    try {
      const taken = await this.take(asked, history, assessed.kind === 'ADMINISTRATIVE');
      const { conversationId, messageId } = taken.situation;
      const answer = (output: Output) => this.answering.answer(taken, output).finally(release);
      return { conversationId, messageId, replayed: false, answer };
    } catch (error) {
      release();
      throw error;
    }
  }

  private async earlier({ actor, key, request }: Asked): Promise<ChatAnswer | null> {
    const earlier = key ? await this.conversations.earlier(actor.userId, key) : null;
    if (!earlier) return null;
    if (!earlier.requestHash.equals(this.questions.hashOf(request))) throw reused();
    if (earlier.answer) return earlier.answer;
    if (earlier.ageMilliseconds < this.config.AI_TOTAL_MILLISECONDS + GRACE_MILLISECONDS) throw inProgress();
    await this.conversations.forgetKey(earlier.questionId);
    return null;
  }

  private async take(asked: Asked, history: PastMessage[] | null, administrative: boolean): Promise<Taken> {
    const { actor, request } = asked;
    const [asker, mayAsk] = await Promise.all([
      this.askers.find(actor.userId, request.clinicId ?? null),
      this.mayAskModel(actor.userId),
    ]);
    if (!asker || !history || (request.clinicId && !asker.clinicId)) throw notFound();
    const conversationId = request.conversationId ?? newId();
    // Messages are read in the order of their ids: the question's is made first.
    const id = newId();
    const situation = this.situations.of(asked, asker, { conversationId, messageId: newId(), administrative });
    const prompt = mayAsk ? this.promptFor(asked, asker, history, situation) : null;
    const locale = localeFor(asked, asker, situation.language);
    const question = this.questions.of(asked, { id, conversationId, clinicId: asker.clinicId, locale, prompt });
    const stored = this.conversations.ask(question);
    // The model need not wait for the disk; with a key it must, since the row is the claim on it.
    if (question.requestKey === null) stored.catch(() => undefined);
    else if (!(await stored)) throw inProgress();
    return { question, stored, situation, prompt };
  }

  private async mayAskModel(userId: string): Promise<boolean> {
    return this.model.name !== null && !(await this.limits.isExhausted('chatTokens', userId));
  }

  private promptFor({ request }: Asked, own: Asker, history: PastMessage[], { language }: Situation): Prompt {
    return promptOf(history, request.message, { own, language, tokens: this.config.AI_CONTEXT_TOKENS });
  }
}

/** What the person said lately in this conversation, or what the client remembers. */
const earlierMessages = ({ earlierMessages: remembered = [] }: Asked, history: readonly PastMessage[]): string[] => [
  ...remembered,
  ...history.filter(({ role, isRecent }) => role === 'USER' && isRecent).map(({ text }) => text),
];

/** The caller's locale with its region, where it is of the language that is spoken. */
const localeFor = ({ request }: Asked, { locale }: Asker, language: Language): string =>
  [request.locale, locale].find((known) => known && languageOf({ locale: known }) === language) ?? language;
