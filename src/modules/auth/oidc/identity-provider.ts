import * as openid from 'openid-client';
import type { Logger } from 'pino';
import type { IdentityProviderSettings } from '../../../core/config/oidc-providers.js';
import { ProviderClient } from '../../../core/resilience/provider-client.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import { isProviderFailure, limitedFetch, toProviderError } from './provider-errors.js';

/** What a request and its callback have in common. */
export interface ProviderRequest {
  state: string;
  nonce: string;
  codeVerifier: string;
  /** The user must sign in at the provider after this time (epoch milliseconds), even if they have a session there. Null: need not. */
  mustSignInAfter: number | null;
}

/** The claims of a provider about a user: text that the user or the provider chose. */
export type Claims = Readonly<Record<string, unknown>>;

const REQUEST_SECONDS = 8;
const LIMITS = {
  // Discovery, tokens, keys and user information: four requests at most.
  timeoutMilliseconds: 20_000,
  maxConcurrent: 50,
  maxWaitMilliseconds: 2_000,
  maxPauseMilliseconds: 30_000,
  circuit: { volume: 5, windowMilliseconds: 30_000, resetMilliseconds: 5_000 },
};

/** The clocks of this server and of the provider may differ by this much. */
const CLOCK_TOLERANCE_SECONDS = 30;

/** A provider by OpenID Connect or OAuth 2.0: creates the URL of a sign-in, and reads its callback. */
export abstract class IdentityProvider {
  protected readonly client: ProviderClient;

  constructor(
    readonly name: string,
    protected readonly settings: IdentityProviderSettings,
    readonly redirectUri: string,
    private readonly logger: Logger,
  ) {
    this.client = new ProviderClient({
      name: `identity provider ${name}`,
      logger,
      ...LIMITS,
      isProviderFailure,
    });
  }

  /** Whether the provider can be made to ask for the password again, and tells when it did. */
  abstract readonly canReauthenticate: boolean;

  /** @throws ProviderError if the provider cannot be reached */
  abstract getAuthorizationUrl(request: ProviderRequest): Promise<URL>;

  /**
   * Exchanges the code of a callback for the claims about the user.
   * @param query the query of the callback, as it came
   * @throws ProviderError
   */
  abstract readCallback(query: URLSearchParams, request: ProviderRequest): Promise<Claims>;

  close(): void {
    this.client.close();
  }

  protected async call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.client.call(() =>
        work().catch((error: unknown) => {
          throw toProviderError(error);
        }),
      );
    } catch (error) {
      if (error instanceof ProviderError && isProviderFailure(error)) {
        this.logger.warn({ provider: this.name, reason: error.reason }, 'identity provider failed');
      }
      throw error;
    }
  }

  protected async buildUrl(configuration: openid.Configuration, request: ProviderRequest, more: object): Promise<URL> {
    return openid.buildAuthorizationUrl(configuration, {
      redirect_uri: this.redirectUri,
      scope: this.settings.scope,
      state: request.state,
      code_challenge: await openid.calculatePKCECodeChallenge(request.codeVerifier),
      code_challenge_method: 'S256',
      ...more,
    });
  }

  /** The URL of the callback as the provider was told, never as the request's Host header has it. */
  protected toCallbackUrl(query: URLSearchParams): URL {
    const url = new URL(this.redirectUri);
    url.search = query.toString();
    return url;
  }

  protected configure(server: openid.ServerMetadata): openid.Configuration {
    const { clientId, clientSecret, clientAuthentication } = this.settings;
    const metadata = { [openid.clockTolerance]: CLOCK_TOLERANCE_SECONDS };
    const configuration = new openid.Configuration(server, clientId, metadata, toAuthentication());
    configuration[openid.customFetch] = limitedFetch;
    configuration.timeout = REQUEST_SECONDS;
    if (this.isInsecure()) openid.allowInsecureRequests(configuration);
    return configuration;

    function toAuthentication(): openid.ClientAuth {
      if (clientSecret === undefined) return openid.None();
      return clientAuthentication === 'basic'
        ? openid.ClientSecretBasic(clientSecret)
        : openid.ClientSecretPost(clientSecret);
    }
  }

  /** Options of the discovery request. */
  protected discoveryOptions(): openid.DiscoveryRequestOptions {
    return {
      [openid.customFetch]: limitedFetch,
      timeout: REQUEST_SECONDS,
      execute: this.isInsecure() ? [openid.allowInsecureRequests] : [],
    };
  }

  /** Whether the provider is called without TLS, in development and tests. In production it must then be on this machine (production-rules.ts). */
  protected abstract isInsecure(): boolean;
}
