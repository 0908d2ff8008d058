import { createHash } from 'node:crypto';
import type { Actor } from '../../core/security/actor.js';
import type { ChatAnswer, ChatRequest } from './chat.dto.js';
import type { Question } from './conversations/conversations.repository.js';
import type { Prompt } from './prompt.js';
import { totalOf } from './redaction/redaction.js';

/** A message as it came. */
export interface Asked {
  actor: Actor;
  request: ChatRequest;
  /** Idempotency-Key */
  key: string | null;
  acceptLanguage: string | null;
}

/** Where an answer goes while it is made. */
export interface Output {
  /** Aborts when nobody waits any more. */
  signal: AbortSignal;
  onText: (text: string) => Promise<void>;
  /** What was said so far does not stand: the answer begins anew. */
  onReset: () => Promise<void>;
}

/** A question that was taken, and the way to its answer. `answer` must be called: it gives back what the turn holds. */
export interface Turn {
  conversationId: string;
  messageId: string;
  /** The answer of an earlier request with the same Idempotency-Key. */
  replayed: boolean;
  /** @throws DomainError REQUEST_TIMEOUT when nobody waits any more */
  answer: (output: Output) => Promise<ChatAnswer>;
}

/** A turn whose answer is there already. */
export const answered = (answer: ChatAnswer, replayed = false): Turn => ({
  conversationId: answer.conversationId,
  messageId: answer.messageId,
  replayed,
  answer: async ({ onText }) => {
    await onText(answer.answer);
    return answer;
  },
});

/** SHA-256 of what was asked, to tell a repeated request from another one with the same key. */
export const hashOf = ({ conversationId, message, clinicId, locale }: ChatRequest): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([conversationId, message, clinicId, locale]))
    .digest();

/** What is kept of a message. */
export const questionOf = (
  { actor, request, key }: Asked,
  { prompt, ...given }: Pick<Question, 'id' | 'conversationId' | 'clinicId' | 'locale'> & { prompt: Prompt | null },
): Question => ({
  ...given,
  userId: actor.userId,
  text: request.message,
  redactions: prompt ? totalOf(prompt.redactions) : 0,
  promptHash: prompt?.hash ?? null,
  requestKey: key,
  requestHash: hashOf(request),
});
