import type { Actor } from '../../core/kernel/actor.js';
import type { ChatAnswer, ChatRequest } from './chat.dto.js';

/** A message as it came in. */
export interface ChatInput {
  actor: Actor;
  request: ChatRequest;
  /** Idempotency-Key */
  key: string | null;
  acceptLanguage: string | null;
  /** What the same person said before, oldest first, if the client remembers it and no conversation is named. */
  earlierMessages?: readonly string[];
}

/** What happens while an answer is made. `done` is the last event. */
export type ChatEvent =
  | { type: 'delta'; text: string }
  /** The text so far is withdrawn: the answer starts again. */
  | { type: 'reset' }
  | { type: 'done'; answer: ChatAnswer };

export interface ChatReply {
  conversationId: string;
  messageId: string;
  /** The answer of an earlier request with the same Idempotency-Key. */
  isReplayed: boolean;
  /**
   * Makes the answer. Must be read to its end, once: then what the reply holds is given back.
   * @param gone aborts when the client has disconnected
   * @throws DomainError REQUEST_TIMEOUT if the client disconnected
   */
  events: (gone: AbortSignal) => AsyncIterable<ChatEvent>;
}

/** A reply whose answer is there already. */
export const replyWith = (answer: ChatAnswer, isReplayed = false): ChatReply => ({
  conversationId: answer.conversationId,
  messageId: answer.messageId,
  isReplayed,
  events: async function* (): AsyncGenerator<ChatEvent, void> {
    yield { type: 'delta', text: answer.answer };
    yield { type: 'done', answer };
  },
});

/** For clients that want the whole answer at once. */
export async function wholeAnswer(reply: ChatReply, gone: AbortSignal): Promise<ChatAnswer> {
  let answer: ChatAnswer | null = null;
  for await (const event of reply.events(gone)) if (event.type === 'done') answer = event.answer;
  if (!answer) throw new Error('a chat reply ended without its answer');
  return answer;
}
