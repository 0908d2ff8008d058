import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Config, publicUrl } from '../../../core/config/config.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { Clock } from '../../../core/kernel/clock.js';
import { invalid } from '../../../core/kernel/domain-error.js';
import { FieldCipher } from '../../../core/security/field-cipher.js';
import type { IdentityProvider } from './identity-provider.js';
import { IdentityProviders } from './identity-providers.js';
import { unknownState } from './oidc.errors.js';
import { toDomainError } from './provider-errors.js';
import { SIGN_IN_PURPOSES } from './provider-sign-in.entity.js';

/** How long a request waits for its callback. */
export const REQUEST_MILLISECONDS = 600_000;

/** Who makes a request to a provider, for what purpose, and where the browser then goes. */
const Context = z.object({
  purpose: z.enum(SIGN_IN_PURPOSES),
  /** Who asked to link or to prove; null for a sign-in. */
  userId: z.uuid().nullable(),
  sessionId: z.uuid().nullable(),
  /** Null: the callback returns JSON. */
  returnUrl: z.string().nullable(),
  codeChallenge: z.string().nullable(),
  /** Of the browser, for an account that is registered. */
  timeZone: z.string().nullable(),
  locale: z.string().nullable(),
  expiresAt: z.number(),
});
type RequestContext = z.output<typeof Context>;

/** A request to a provider that waits for its callback. It is stored in the browser only, encrypted. */
const Pending = Context.extend({ state: z.uuid(), nonce: z.string(), codeVerifier: z.string() });
export type PendingRequest = z.output<typeof Pending>;

/** The options of a client that starts a request. */
interface RequestOptions {
  returnUrl?: string;
  codeChallenge?: string;
  timeZone?: string;
  locale?: string;
}

export interface StartedRequest {
  url: string;
  state: string;
  /** For the browser's cookie. */
  encrypted: string;
}

/**
 * Starts requests to identity providers. State, nonce and the verifier of PKCE are in a cookie, encrypted and bound to the provider:
 * only the browser that started a request can finish it, and nothing is stored before the provider answers.
 */
@Injectable()
export class ProviderRequestsService {
  private readonly cipher: FieldCipher;

  constructor(
    private readonly providers: IdentityProviders,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {
    this.cipher = FieldCipher.for(config, 'oidc-requests');
  }

  /** @throws DomainError VALIDATION_ERROR for a return URL that is not configured, or a deep link without a challenge */
  toContext(options: RequestOptions): RequestContext {
    const { codeChallenge = null, timeZone = null, locale = null } = options;
    const returnUrl = this.chooseReturnUrl(options.returnUrl);
    // Several applications on a device can register the same scheme (RFC 8252, 6).
    if (returnUrl !== null && codeChallenge === null && !/^https?:/i.test(returnUrl)) {
      throw invalid({ field: 'codeChallenge', error: 'is required if the return URL is a deep link' });
    }
    const expiresAt = this.clock.now() + REQUEST_MILLISECONDS;
    return { purpose: 'SIGN_IN', userId: null, sessionId: null, returnUrl, codeChallenge, timeZone, locale, expiresAt };
  }

  /**
   * The URL that a signed-in user opens to link an identity or to prove again who they are. It only starts a request: its result
   * needs the same session.
   * @throws DomainError NOT_FOUND, VALIDATION_ERROR
   */
  createTicketUrl(
    name: string,
    purpose: 'LINK' | 'REAUTHENTICATE',
    { userId, sessionId }: Actor,
    options: RequestOptions,
  ): string {
    const provider = this.providers.get(name);
    if (purpose === 'REAUTHENTICATE' && !provider.canReauthenticate) {
      throw invalid({ field: 'provider', error: 'cannot be asked to sign a user in again' });
    }
    const ticket = this.encrypt({ ...this.toContext(options), purpose, userId, sessionId }, `ticket:${name}`);
    return `${publicUrl(this.config)}/api/v1/auth/oidc/${name}?ticket=${ticket}`;
  }

  /** @throws DomainError VALIDATION_ERROR */
  readTicket(name: string, ticket: string): RequestContext {
    const context = Context.safeParse(this.decrypt(ticket, `ticket:${name}`)).data;
    if (!context || context.expiresAt <= this.clock.now()) {
      throw invalid({ field: 'ticket', error: 'is invalid or expired: start again' });
    }
    return context;
  }

  /** @throws DomainError UPSTREAM_UNAVAILABLE */
  async start(provider: IdentityProvider, context: RequestContext): Promise<StartedRequest> {
    const state = randomUUID();
    const [nonce, codeVerifier] = [newSecret(), newSecret()];
    const request = { state, nonce, codeVerifier, mustSignInAfter: getMustSignInAfter(context) };
    const url = await provider.getAuthorizationUrl(request).catch((error: unknown) => {
      throw toDomainError(error);
    });
    return {
      url: url.href,
      state,
      encrypted: this.encrypt({ ...context, state, nonce, codeVerifier }, `request:${provider.name}`),
    };
  }

  /** Reads the cookie of a callback. @throws DomainError VALIDATION_ERROR if it is of another provider, browser or state, or expired */
  readPending(name: string, state: string | null, encrypted: string | undefined): PendingRequest {
    const pending =
      encrypted === undefined ? undefined : Pending.safeParse(this.decrypt(encrypted, `request:${name}`)).data;
    if (!pending || pending.state !== state || pending.expiresAt <= this.clock.now()) throw unknownState();
    return pending;
  }

  private chooseReturnUrl(requested: string | undefined): string | null {
    const allowed = this.config.OIDC_RETURN_URLS;
    if (requested === undefined) return allowed[0] ?? null;
    // As a whole: prefixes and patterns are what open redirects are made of.
    if (!allowed.includes(requested)) throw invalid({ field: 'returnUrl', error: 'must be one of OIDC_RETURN_URLS' });
    return requested;
  }

  private encrypt(data: object, place: string): string {
    return this.cipher.encrypt(data, place).toString('base64url');
  }

  private decrypt(text: string, place: string): unknown {
    try {
      return this.cipher.decrypt(Buffer.from(text, 'base64url'), place);
    } catch {
      return null;
    }
  }
}

/** The time after which the user must sign in at the provider: when they asked to prove who they are. Null: they need not. */
export const getMustSignInAfter = ({ purpose, expiresAt }: RequestContext): number | null =>
  purpose === 'REAUTHENTICATE' ? expiresAt - REQUEST_MILLISECONDS : null;

const newSecret = (): string => randomBytes(32).toString('base64url');
