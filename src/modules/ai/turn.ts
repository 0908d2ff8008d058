import type { Actor } from '../../core/security/actor.js';
import type { ChatAnswer, ChatRequest } from './chat.dto.js';

/** A message as it came. */
export interface Asked {
  actor: Actor;
  request: ChatRequest;
  /** Idempotency-Key */
  key: string | null;
  acceptLanguage: string | null;
  /** What the same person said before, oldest first, where the client remembers it and no conversation is named. */
  earlierMessages?: readonly string[];
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
