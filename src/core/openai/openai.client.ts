import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { JsonHttpClient, limitedBody, wholeText } from '../resilience/json-http-client.js';
import { ProviderError } from '../resilience/provider-error.js';
import { CompletionParser, type CompletionChunk } from './completion-parser.js';

export interface OpenAiSettings {
  /** Up to the version: `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey?: string;
}

export interface ChatMessage<Content = string | ContentPart[]> {
  role: 'system' | 'user' | 'assistant';
  content: Content;
}
export type TextMessage = ChatMessage<string>;

export type ContentPart = { type: 'text'; text: string } | { type: 'image_url'; image_url: { url: string } };

/** The body of `POST /chat/completions`. */
export interface CompletionBody {
  model: string;
  messages: ChatMessage[];
  temperature: number;
  max_tokens?: number;
  response_format?: { type: 'json_object' };
}

const WholeCompletion = z.object({
  model: z.string().max(200),
  system_fingerprint: z.string().max(200).nullish(),
  choices: z.array(z.object({ message: z.object({ content: z.string().max(20_000) }) })).min(1),
});
export type WholeCompletion = z.output<typeof WholeCompletion>;

/**
 * A server with OpenAI's `/chat/completions`: OpenAI, Ollama, vLLM, llama.cpp. Each method is one attempt. Besides the reasons
 * of JsonHttpClient an error may have the reason INCOMPLETE, and DECLINED if the model did not finish its answer.
 */
export class OpenAiClient {
  private readonly http: JsonHttpClient;
  private readonly url: URL;

  constructor({ baseUrl, apiKey }: OpenAiSettings) {
    this.http = new JsonHttpClient(apiKey);
    this.url = new URL(`${baseUrl.replace(/\/+$/, '')}/chat/completions`);
  }

  close(): void {
    this.http.close();
  }

  /** The whole answer at once. @throws ProviderError */
  async complete(body: CompletionBody, signal: AbortSignal): Promise<WholeCompletion> {
    const answer = WholeCompletion.safeParse(await this.http.postForJson(this.url, body, signal));
    if (!answer.success) throw new ProviderError('UNREADABLE_RESPONSE');
    return answer.data;
  }

  /**
   * The answer as it comes. Servers that do not stream may answer in one piece. The connection is closed when the reader stops.
   * @throws ProviderError
   */
  async *stream(body: CompletionBody, signal: AbortSignal): AsyncGenerator<CompletionChunk, void> {
    const streamed = { ...body, stream: true, stream_options: { include_usage: true } };
    const response = await this.http.post(this.url, streamed, signal, 'text/event-stream');
    const parser = new CompletionParser();
    try {
      yield* read(response, parser);
    } catch (error) {
      if (error instanceof ProviderError) throw error;
      throw new ProviderError(parser.hasText ? 'INCOMPLETE' : 'UNREACHABLE', { cause: error });
    } finally {
      response.destroy();
    }
    if (!parser.hasText) throw new ProviderError('DECLINED');
    yield parser.toLastChunk();
  }
}

async function* read(response: IncomingMessage, parser: CompletionParser): AsyncGenerator<CompletionChunk, void> {
  const type = response.headers['content-type'] ?? '';
  if (type.includes('json')) {
    const text = parser.parseWhole(await wholeText(response));
    if (text) yield { text };
    parser.throwIfFailed();
    return;
  }
  if (!type.includes('text/event-stream')) throw new ProviderError('UNREADABLE_RESPONSE');
  for await (const bytes of limitedBody(response)) {
    const text = parser.push(bytes);
    if (text) yield { text };
    parser.throwIfFailed();
  }
  if (!parser.isFinished) throw new ProviderError('INCOMPLETE');
}
