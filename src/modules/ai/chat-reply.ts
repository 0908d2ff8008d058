import type { Actor } from '../../core/kernel/actor.js';
import type { ChatAnswer, ChatRequest } from './chat.dto.js';

/** A request to the chat. */
export interface ChatInput {
  actor: Actor;
  request: ChatRequest;
  /** Idempotency-Key */
  key: string | null;
  acceptLanguage: string | null;
  /** Earlier messages of the same person, oldest first, if the client sends them instead of a conversation id. */
  earlierMessages?: readonly string[];
}

/** An event of an answer. `done` is the last one. */
export type ChatEvent =
  | { type: 'delta'; text: string }
  /** The text so far is withdrawn. The answer starts again. */
  | { type: 'reset' }
  | { type: 'done'; answer: ChatAnswer };

export interface ChatReply {
  conversationId: string;
  messageId: string;
  /** The answer of an earlier request with the same Idempotency-Key. */
  isReplayed: boolean;
  /**
   * Makes the answer. Must be read once and to its end, which releases what the reply holds.
   * @param clientGone aborts when the client has disconnected
   * @throws DomainError REQUEST_TIMEOUT if the client disconnected
   */
  events: (clientGone: AbortSignal) => AsyncIterable<ChatEvent>;
}

/** A reply for an answer that is already complete. */
export const toReply = (answer: ChatAnswer, { isReplayed }: { isReplayed: boolean }): ChatReply => ({
  conversationId: answer.conversationId,
  messageId: answer.messageId,
  isReplayed,
  events: async function* (): AsyncGenerator<ChatEvent, void> {
    yield { type: 'delta', text: answer.answer };
    yield { type: 'done', answer };
  },
});

/** Reads a reply to its end, for clients without streaming. */
export async function readAnswer(reply: ChatReply, clientGone: AbortSignal): Promise<ChatAnswer> {
  let answer: ChatAnswer | null = null;
  for await (const event of reply.events(clientGone)) if (event.type === 'done') answer = event.answer;
  if (!answer) throw new Error('a chat reply ended without its answer');
  return answer;
}
