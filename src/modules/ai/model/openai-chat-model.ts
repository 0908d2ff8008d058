import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { LOGGER } from '../../../core/logging/logger.js';
import type { CompletionChunk } from '../../../core/openai/completion-parser.js';
import { OpenAiClient } from '../../../core/openai/openai.client.js';
import { ProviderClient } from '../../../core/resilience/provider-client.js';
import type { ProviderError } from '../../../core/resilience/provider-error.js';
import type { Logger } from 'pino';
import { ChatModel, type CompletionRequest } from './chat-model.js';

const TEMPERATURE = 0.2;
const MAX_CONCURRENT = 200;
const CIRCUIT = { volume: 5, windowMilliseconds: 30_000 };
const RETRY = { backoffMilliseconds: 200, maxRetryAfterMilliseconds: 1_000 };
const TRANSIENT: ReadonlySet<string> = new Set(['UNREACHABLE', 'BUSY', 'FAILED', 'INCOMPLETE']);
/** The provider did not fail. If these opened the circuit, the questions of one person could stop the answers to everybody. */
const NOT_PROVIDER_FAILURES: ReadonlySet<string> = new Set(['CLIENT_DISCONNECTED', 'CLOSING', 'DECLINED']);

/** A model behind OpenAI's API, with deadlines, retries before the first word and a circuit breaker. */
@Injectable()
export class OpenAiChatModel extends ChatModel implements OnModuleDestroy {
  readonly name: string | null;
  private readonly client: OpenAiClient | null;
  private readonly provider: ProviderClient;

  constructor(
    private readonly config: Config,
    @Inject(LOGGER) logger: Logger,
  ) {
    super();
    const { AI_ENABLED, AI_BASE_URL, AI_API_KEY, AI_MODEL } = config;
    this.client = AI_ENABLED && AI_BASE_URL ? new OpenAiClient({ baseUrl: AI_BASE_URL, apiKey: AI_API_KEY }) : null;
    this.name = this.client && AI_MODEL;
    this.provider = new ProviderClient({
      name: 'chat model',
      url: AI_BASE_URL,
      logger,
      timeoutMilliseconds: config.AI_TOTAL_MILLISECONDS,
      maxConcurrent: MAX_CONCURRENT,
      maxWaitMilliseconds: 0,
      maxPauseMilliseconds: config.AI_BREAKER_RESET_MILLISECONDS,
      circuit: { ...CIRCUIT, resetMilliseconds: config.AI_BREAKER_RESET_MILLISECONDS },
      isProviderFailure: ({ reason }: ProviderError) => !NOT_PROVIDER_FAILURES.has(reason),
      retry: { ...RETRY, retries: config.AI_RETRIES, isTransient: ({ reason }) => TRANSIENT.has(reason) },
    });
  }

  onModuleDestroy(): void {
    this.provider.close();
    this.client?.close();
  }

  complete({ messages, signal }: CompletionRequest): AsyncIterable<CompletionChunk> {
    const { client } = this;
    if (!client) throw new Error('no chat model is configured');
    const { AI_MODEL: model, AI_MAX_ANSWER_TOKENS, AI_FIRST_TOKEN_MILLISECONDS } = this.config;
    const body = { model, messages, max_tokens: AI_MAX_ANSWER_TOKENS, temperature: TEMPERATURE };
    return this.provider.stream((ending) => client.stream(body, ending), signal, AI_FIRST_TOKEN_MILLISECONDS);
  }
}
