import { Injectable } from '@nestjs/common';
import { invalidToken, type VerifiedToken } from './tokens.js';

/** Verifies the API keys that callers send instead of access tokens. */
export interface ApiKeyVerifier {
  /** Verifies a key and counts a use of it. @throws DomainError UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_REVOKED, RATE_LIMITED */
  authenticate(key: string, ip: string | null): Promise<VerifiedToken>;
}

/** Authenticates callers with API keys. The feature that stores the keys registers the verifier. */
@Injectable()
export class ApiKeyAuthenticator {
  private verifier: ApiKeyVerifier | null = null;

  register(verifier: ApiKeyVerifier): void {
    this.verifier = verifier;
  }

  /** @throws DomainError, as the verifier */
  async authenticate(key: string, ip: string | null): Promise<VerifiedToken> {
    if (!this.verifier) throw invalidToken();
    return this.verifier.authenticate(key, ip);
  }
}

/** The start of every API key, by which scanners find keys that were published by mistake. */
export const API_KEY_PREFIX = 'csk_';

/** Whether a bearer token is meant as an API key. Access tokens never start like this. */
export const isApiKey = (token: unknown): token is string =>
  typeof token === 'string' && token.startsWith(API_KEY_PREFIX);
