import jwt from 'jsonwebtoken';
import { performance } from 'node:perf_hooks';
import { SingleFlight } from '../../../core/concurrency/single-flight.js';
import type { Clock } from '../../../core/kernel/clock.js';
import { ProviderError, retryAfterSeconds } from '../../../core/resilience/provider-error.js';

/** The fields of a service account's JSON file that are used here. */
export interface ServiceAccount {
  client_email: string;
  private_key: string;
  token_uri: string;
}

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LIFETIME_SECONDS = 3_600;
/** A token is renewed this long before it expires. */
const MARGIN_SECONDS = 300;

/** Requests access tokens for a service account (RFC 7523). Each token is used until shortly before it expires. */
export class GoogleToken {
  private current?: { value: string; renewAt: number };
  private readonly requests = new SingleFlight<string>();

  constructor(
    private readonly account: ServiceAccount,
    private readonly clock: Clock,
  ) {}

  /** @throws ProviderError if Google issues no token */
  async get(signal: AbortSignal): Promise<string> {
    if (this.current && performance.now() < this.current.renewAt) return this.current.value;
    return this.requests.share('token', () => this.request(signal));
  }

  /** Discards the token. Call it after a 401. */
  discard(): void {
    this.current = undefined;
  }

  private async request(signal: AbortSignal): Promise<string> {
    const response = await fetch(this.account.token_uri, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: GRANT_TYPE, assertion: this.assertion() }),
      redirect: 'error',
      signal,
    });
    const body = (await response.json().catch(() => ({}))) as { access_token?: string; expires_in?: number };
    if (!response.ok || !body.access_token) {
      const wait = retryAfterSeconds(response.headers.get('retry-after'), this.clock.now());
      throw new ProviderError(`FCM_TOKEN_${response.status}`, { retryAfterSeconds: wait });
    }
    const seconds = Math.max(0, (body.expires_in ?? LIFETIME_SECONDS) - MARGIN_SECONDS);
    this.current = { value: body.access_token, renewAt: performance.now() + seconds * 1_000 };
    return body.access_token;
  }

  private assertion(): string {
    const { client_email, private_key, token_uri } = this.account;
    return jwt.sign({ scope: SCOPE }, private_key, {
      algorithm: 'RS256',
      issuer: client_email,
      audience: token_uri,
      expiresIn: LIFETIME_SECONDS,
    });
  }
}
