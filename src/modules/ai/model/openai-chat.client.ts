import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Config } from '../../../core/config/config.js';
import { type Asking, type Completion, ModelError } from './chat-model.js';
import { OpenAiReader } from './openai-stream.js';
import { estimatedTokens } from './tokens.js';

/** Of one answer, protocol and all: a hundred times what the tokens asked for can need. */
const MOST_BYTES = 1024 * 1024;
const TEMPERATURE = 0.2;

/** One attempt at an OpenAI-compatible `/chat/completions`: OpenAI, Ollama, vLLM, llama.cpp. */
@Injectable()
export class OpenAiChatClient implements OnModuleDestroy {
  private readonly agent = new http.Agent({ keepAlive: true });
  private readonly secureAgent = new https.Agent({ keepAlive: true });

  constructor(private readonly config: Config) {}

  onModuleDestroy(): void {
    this.agent.destroy();
    this.secureAgent.destroy();
  }

  /** @throws ModelError */
  async attempt(asking: Asking): Promise<Completion> {
    let started = false;
    const onText = (text: string): Promise<void> => {
      started = true;
      return asking.onText(text);
    };
    try {
      return await this.ask({ ...asking, onText });
    } catch (error) {
      throw named(error, asking.signal, started);
    }
  }

  private async ask({ messages, signal, onText }: Asking): Promise<Completion> {
    const response = await this.post(messages, signal);
    if (response.statusCode !== 200) throw refusal(response);
    const reader = new OpenAiReader();
    let said = '';
    const pass = async (texts: string[]): Promise<void> => {
      const text = texts.join('');
      if (text === '') return;
      said += text;
      await onText(text);
    };
    try {
      await read(response, reader, pass);
    } finally {
      response.destroy();
    }
    if (said === '') throw new ModelError('DECLINED');
    const asked = messages.map(({ content }) => content).join('');
    return {
      model: reader.model ?? this.config.AI_MODEL,
      tokens: reader.tokens ?? estimatedTokens(asked) + estimatedTokens(said),
    };
  }

  /** Not fetch(): its web streams cost more than all else that is done with a piece. Follows no redirect. */
  private async post(messages: Asking['messages'], signal: AbortSignal): Promise<IncomingMessage> {
    const { AI_BASE_URL, AI_API_KEY, AI_MODEL, AI_MAX_ANSWER_TOKENS } = this.config;
    const url = new URL(`${AI_BASE_URL?.replace(/\/$/, '')}/chat/completions`);
    const body = JSON.stringify({
      model: AI_MODEL,
      messages,
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: AI_MAX_ANSWER_TOKENS,
      temperature: TEMPERATURE,
    });
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      accept: 'text/event-stream',
      ...(AI_API_KEY && { authorization: `Bearer ${AI_API_KEY}` }),
    };
    const secure = url.protocol === 'https:';
    const agent = secure ? this.secureAgent : this.agent;
    const sent = (secure ? https : http).request(url, { method: 'POST', headers, agent });
    endWith(signal, sent);
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  }
}

/**
 * Not the option `signal`: that destroys the socket with an error, and where the answer is there and not read yet nobody
 * listens to the socket any more (Node 20): an uncaught exception.
 */
function endWith(signal: AbortSignal, sent: ClientRequest): void {
  const end = (): void => void sent.destroy();
  signal.addEventListener('abort', end, { once: true });
  sent.once('close', () => signal.removeEventListener('abort', end));
  if (signal.aborted) end();
}

async function read(
  response: IncomingMessage,
  reader: OpenAiReader,
  pass: (texts: string[]) => Promise<void>,
): Promise<void> {
  const type = response.headers['content-type'] ?? '';
  if (type.includes('json')) return pass(reader.whole(await wholeText(response)));
  if (!type.includes('text/event-stream')) throw new ModelError('GARBAGE');
  for await (const bytes of limited(response)) await pass(reader.feed(bytes));
  if (!reader.finished) throw new ModelError('CUT_OFF');
}

async function wholeText(response: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const bytes of limited(response)) parts.push(bytes);
  return Buffer.concat(parts).toString('utf8');
}

async function* limited(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const bytes of response as AsyncIterable<Uint8Array>) {
    size += bytes.byteLength;
    if (size > MOST_BYTES) throw new ModelError('TOO_LARGE');
    yield bytes;
  }
}

/** Filters of content and limits of length answer so: it says nothing of how the server is. */
const ABOUT_THE_QUESTION: ReadonlySet<number> = new Set([400, 413, 422]);

function refusal(response: IncomingMessage): ModelError {
  const status = response.statusCode ?? 0;
  response.destroy();
  if (ABOUT_THE_QUESTION.has(status)) return new ModelError('DECLINED');
  if (status !== 429 && status < 500) return new ModelError('REFUSED');
  return new ModelError(status === 429 || status === 503 ? 'BUSY' : 'FAILED', false, retryAfter(response));
}

/** Seconds only: a date would need the clocks of both to agree. */
function retryAfter({ headers }: IncomingMessage): number | null {
  const seconds = headers['retry-after'];
  return seconds && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : null;
}

/** Whoever aborted has said why; anything else is the connection. */
function named(error: unknown, signal: AbortSignal, started: boolean): ModelError {
  if (signal.aborted && signal.reason instanceof ModelError) return new ModelError(signal.reason.fault, started);
  if (error instanceof ModelError) return new ModelError(error.fault, started, error.retryAfterMilliseconds);
  return new ModelError(started ? 'CUT_OFF' : 'UNREACHABLE', started);
}
