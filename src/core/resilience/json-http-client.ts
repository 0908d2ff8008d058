import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { ProviderError } from './provider-error.js';

/** The maximum size of a response body. */
const MAX_RESPONSE_BYTES = 1024 * 1024;
/** The statuses of content filters and length limits, which are not failures of the server. */
const DECLINED_STATUSES: ReadonlySet<number> = new Set([400, 413, 422]);

/**
 * Exchanges JSON with a provider, with one attempt and without redirects. The reasons of its errors: UNREACHABLE, REDIRECTED, BUSY (429,
 * 503), FAILED (other 5xx), DECLINED (400, 413, 422), REFUSED (other 4xx), TOO_LARGE, UNREADABLE_RESPONSE.
 */
export class JsonHttpClient {
  private readonly agent = new http.Agent({ keepAlive: true });
  private readonly secureAgent = new https.Agent({ keepAlive: true });

  constructor(private readonly apiKey?: string) {}

  close(): void {
    this.agent.destroy();
    this.secureAgent.destroy();
  }

  /** @throws ProviderError */
  async postForJson(url: URL, body: object, signal: AbortSignal): Promise<unknown> {
    return readJson(await this.post(url, body, signal, 'application/json'));
  }

  /** @throws ProviderError */
  async getForJson(url: URL, signal: AbortSignal): Promise<unknown> {
    return readJson(await this.request(url, null, signal, 'application/json'));
  }

  /**
   * Uses node:http, because the web streams of fetch() cost more than all other work for a chunk.
   * @returns a response with a 2xx status, whose body is not read yet
   * @throws ProviderError
   */
  post(url: URL, body: object, signal: AbortSignal, accept: string): Promise<IncomingMessage> {
    return this.request(url, JSON.stringify(body), signal, accept);
  }

  private async request(url: URL, body: string | null, signal: AbortSignal, accept: string): Promise<IncomingMessage> {
    const response = await this.send(url, body, signal, accept).catch((error: unknown) => {
      throw new ProviderError('UNREACHABLE', { cause: error });
    });
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    response.destroy();
    throw toError(statusCode, response);
  }

  /** @param body null for a GET */
  private async send(url: URL, body: string | null, signal: AbortSignal, accept: string): Promise<IncomingMessage> {
    const headers = {
      ...(body !== null && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      accept,
      ...(this.apiKey && { authorization: `Bearer ${this.apiKey}` }),
    };
    const isSecure = url.protocol === 'https:';
    const agent = isSecure ? this.secureAgent : this.agent;
    const request = (isSecure ? https : http).request(url, {
      method: body === null ? 'GET' : 'POST',
      headers,
      agent,
    });
    destroyOnAbort(request, signal);
    request.end(body ?? undefined);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }
}

/**
 * Replaces node:http's option `signal`, which destroys the socket with an error: while a response is not read, the socket has no
 * error listener (Node 20), and the error becomes an uncaught exception.
 */
function destroyOnAbort(request: ClientRequest, signal: AbortSignal): void {
  const destroy = (): void => void request.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  request.once('close', () => signal.removeEventListener('abort', destroy));
  if (signal.aborted) destroy();
}

function toError(status: number, { headers }: IncomingMessage): ProviderError {
  if (status >= 300 && status < 400) return new ProviderError('REDIRECTED');
  if (DECLINED_STATUSES.has(status)) return new ProviderError('DECLINED');
  if (status !== 429 && status < 500) return new ProviderError('REFUSED');
  // Only seconds: a date would need synchronised clocks.
  const seconds = /^\d{1,6}$/.exec(headers['retry-after'] ?? '')?.[0];
  const reason = status === 429 || status === 503 ? 'BUSY' : 'FAILED';
  return new ProviderError(reason, { retryAfterSeconds: seconds === undefined ? undefined : Number(seconds) });
}

/** @throws ProviderError */
async function readJson(response: IncomingMessage): Promise<unknown> {
  const text = await wholeText(response).catch((error: unknown) => {
    throw error instanceof ProviderError ? error : new ProviderError('UNREACHABLE', { cause: error });
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new ProviderError('UNREADABLE_RESPONSE');
  }
}

/**
 * The bytes of a response, up to the limit.
 * @throws ProviderError TOO_LARGE, or the error of the connection
 */
export async function* limitedBody(response: IncomingMessage): AsyncGenerator<Uint8Array, void> {
  let size = 0;
  for await (const bytes of response as AsyncIterable<Uint8Array>) {
    size += bytes.byteLength;
    if (size > MAX_RESPONSE_BYTES) throw new ProviderError('TOO_LARGE');
    yield bytes;
  }
}

export async function wholeText(response: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const bytes of limitedBody(response)) parts.push(bytes);
  return Buffer.concat(parts).toString('utf8');
}
