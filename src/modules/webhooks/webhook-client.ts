import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { performance } from 'node:perf_hooks';
import type { Clock } from '../../core/kernel/clock.js';
import { ProviderError, retryAfterSeconds } from '../../core/resilience/provider-error.js';
import { isAddress, toHost, type WebhookAddresses } from './webhook-addresses.js';

/** The maximum time until the status of a response. Standard Webhooks recommends 15 to 30 seconds. */
const TIMEOUT_MILLISECONDS = 15_000;
/** A response is read up to this size and for this time, so that a small one ends its connection regularly; its content is ignored. */
const MAX_RESPONSE_BYTES = 4_096;
const MAX_RESPONSE_MILLISECONDS = 1_000;

/** Why there was no successful response. */
export type WebhookFailure =
  | 'ADDRESS_NOT_ALLOWED'
  | 'DNS_FAILED'
  | 'CONNECTION_FAILED'
  | 'TLS_FAILED'
  | 'TIMEOUT'
  | 'INVALID_RESPONSE'
  /** 3xx: redirects are not followed. */
  | 'REDIRECTED'
  /** Any other status than 2xx. */
  | 'STATUS';

export interface WebhookMessage {
  url: string;
  body: string;
  headers: Record<string, string>;
}

export interface WebhookOutcome {
  /** The HTTP status; null if there was no response. */
  status: number | null;
  /** Null: the endpoint accepted the message. */
  error: WebhookFailure | null;
  durationMilliseconds: number;
  /** The pause that the endpoint asked for. */
  retryAfterSeconds?: number | undefined;
}

/** The addresses of a host name. @throws if it has none, or the name servers do not answer */
export type ResolveHost = (name: string) => Promise<string[]>;

export interface WebhookClientOptions {
  addresses: WebhookAddresses;
  resolve: ResolveHost;
  /** For a Retry-After with a date. */
  clock: Clock;
  timeoutMilliseconds?: number;
  /** Certificates of authorities to trust instead of the well-known ones. */
  ca?: string;
}

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Posts a message to an endpoint, with one attempt. Every address is checked when the connection is made, and the connection goes to the
 * checked address, so that a name cannot lead to another one meanwhile (DNS rebinding). There are no redirects and no proxies.
 */
export class WebhookClient {
  constructor(private readonly options: WebhookClientOptions) {}

  /** What is wrong with the URL of an endpoint that is saved; null if it is allowed. A name without an address is accepted: it may get one later. */
  async findUrlError(url: string): Promise<string | null> {
    const error = this.options.addresses.findUrlError(url);
    if (error !== null) return error;
    const host = toHost(new URL(url));
    const addresses = isAddress(host) ? [] : await this.options.resolve(host).catch(() => []);
    return addresses.every((address) => this.options.addresses.isAllowed(address))
      ? null
      : 'must not lead to a private address';
  }

  /** Never rejects. @param stopping ends the attempt, which then fails */
  async post(message: WebhookMessage, stopping?: AbortSignal): Promise<WebhookOutcome> {
    const startedAt = performance.now();
    const outcome = await this.send(message, stopping).catch((error: unknown) => ({
      status: null,
      error: toFailure(error),
    }));
    return { ...outcome, durationMilliseconds: Math.round(performance.now() - startedAt) };
  }

  private async send(
    { url: text, body, headers }: WebhookMessage,
    stopping?: AbortSignal,
  ): Promise<Omit<WebhookOutcome, 'durationMilliseconds'>> {
    if (this.options.addresses.findUrlError(text) !== null) throw new ProviderError('ADDRESS_NOT_ALLOWED');
    const url = new URL(text);
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      // A connection for each attempt: the global agent could have a proxy, and a kept connection an address that is no longer allowed.
      agent: false,
      lookup: (name: string, options: LookupOptions, callback: LookupCallback) => this.lookup(name, options, callback),
      rejectUnauthorized: true,
      ...(this.options.ca !== undefined && { ca: this.options.ca }),
    });
    const response = await this.waitForResponse(request, body, stopping);
    discard(response);
    const { statusCode: status = 0 } = response;
    if (status >= 200 && status < 300) return { status, error: null };
    if (status >= 300 && status < 400) return { status, error: 'REDIRECTED' };
    const pause = retryAfterSeconds(response.headers['retry-after'], this.options.clock.now());
    return { status, error: 'STATUS', retryAfterSeconds: pause };
  }

  private waitForResponse(request: ClientRequest, body: string, stopping?: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const end = (reason: WebhookFailure) => (): void => {
        reject(new ProviderError(reason));
        request.destroy();
      };
      const timer = setTimeout(end('TIMEOUT'), this.options.timeoutMilliseconds ?? TIMEOUT_MILLISECONDS);
      const stop = end('CONNECTION_FAILED');
      stopping?.addEventListener('abort', stop);
      request.once('response', (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      // Also errors after the response, which would end the process if nobody listened.
      request.on('error', reject);
      request.once('close', () => {
        clearTimeout(timer);
        stopping?.removeEventListener('abort', stop);
        reject(new ProviderError('CONNECTION_FAILED'));
      });
      request.end(body);
    });
  }

  /** The `lookup` of a connection: checks all addresses of the name, and returns them for the connection. */
  private lookup(name: string, { all, family }: LookupOptions, callback: LookupCallback): void {
    this.options.resolve(name).then(
      (addresses) => {
        const refused = addresses.some((address) => !this.options.addresses.isAllowed(address));
        if (refused) return callback(new ProviderError('ADDRESS_NOT_ALLOWED'), []);
        const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
        const usable = family === 4 || family === 6 ? found.filter((one) => one.family === family) : found;
        const [first] = usable;
        if (!first) return callback(new ProviderError('DNS_FAILED'), []);
        return all ? callback(null, usable) : callback(null, first.address, first.family);
      },
      (error: unknown) => callback(new ProviderError('DNS_FAILED', { cause: error }), []),
    );
  }
}

/** Reads the start of a response and ends its connection. */
function discard(response: IncomingMessage): void {
  let bytes = 0;
  const timer = setTimeout(() => response.destroy(), MAX_RESPONSE_MILLISECONDS);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > MAX_RESPONSE_BYTES) response.destroy();
  });
  response.on('error', () => undefined);
  response.once('close', () => clearTimeout(timer));
}

function toFailure(error: unknown): WebhookFailure {
  if (error instanceof ProviderError) return error.reason as WebhookFailure;
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return 'CONNECTION_FAILED';
  if (code.startsWith('HPE_')) return 'INVALID_RESPONSE';
  return /CERT|TLS|SSL|SIGNATURE|EPROTO/.test(code) ? 'TLS_FAILED' : 'CONNECTION_FAILED';
}
