import type { CompletionChunk } from '../../../core/openai/completion-parser.js';
import type { TextMessage } from '../../../core/openai/openai.client.js';

export interface CompletionRequest {
  messages: TextMessage[];
  /** Ends the call, and the connection to the model with it. */
  signal: AbortSignal;
}

/** A language model that answers a conversation. */
export abstract class ChatModel {
  /** Null if none is configured. */
  abstract readonly name: string | null;

  /**
   * The answer as it comes. A reader that stops ends the call.
   * @throws ProviderError if the model gives no answer; must not be called if `name` is null
   */
  abstract complete(request: CompletionRequest): AsyncIterable<CompletionChunk>;
}
