import * as openid from 'openid-client';
import type { Logger } from 'pino';
import { SingleFlight } from '../../../core/concurrency/single-flight.js';
import type { OpenIdProviderSettings } from '../../../core/config/oidc-providers.js';
import type { Clock } from '../../../core/kernel/clock.js';
import { IdentityProvider, type Claims, type ProviderRequest } from './identity-provider.js';

/** How long discovered metadata is used. */
const METADATA_MILLISECONDS = 60 * 60_000;
/** openid-client fetches keys again for an unknown key only if its copy is older than this. */
const KEY_COOLDOWN_SECONDS = 60;

interface Discovered {
  server: openid.ServerMetadata;
  at: number;
}

/** A provider with OpenID Connect. Its metadata is discovered from the issuer once an hour; its keys are cached for minutes. */
export class OpenIdProvider extends IdentityProvider {
  readonly canReauthenticate = true;
  private readonly discovery = new SingleFlight<openid.ServerMetadata>();
  private discovered: Discovered | null = null;
  private keys: openid.ExportedJWKSCache | undefined;

  constructor(
    name: string,
    protected override readonly settings: OpenIdProviderSettings,
    redirectUri: string,
    logger: Logger,
    private readonly clock: Clock,
  ) {
    super(name, settings, redirectUri, logger);
  }

  getAuthorizationUrl(request: ProviderRequest): Promise<URL> {
    return this.call(async () => {
      const configuration = this.configure(await this.discover());
      const reauthentication = request.mustSignInAfter === null ? {} : { max_age: '0', prompt: 'login' };
      return this.buildUrl(configuration, request, { nonce: request.nonce, ...reauthentication });
    });
  }

  readCallback(query: URLSearchParams, request: ProviderRequest): Promise<Claims> {
    return this.call(async () => {
      const configuration = this.configure(await this.discover());
      const keys = this.useCachedKeys(configuration);
      // The signature too, although the token comes directly from the provider: a proxy may stand between.
      openid.enableNonRepudiationChecks(configuration);
      const tokens = await openid.authorizationCodeGrant(configuration, this.toCallbackUrl(query), {
        expectedState: request.state,
        expectedNonce: request.nonce,
        pkceCodeVerifier: request.codeVerifier,
        ...(request.mustSignInAfter !== null && { maxAge: this.getSecondsSince(request.mustSignInAfter) }),
      });
      this.storeKeys(configuration, keys);
      const claims = tokens.claims() as openid.IDToken;
      if (claims.email !== undefined || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
      const info = await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub);
      return { ...info, ...claims };
    });
  }

  protected isInsecure(): boolean {
    return new URL(this.settings.issuer).protocol === 'http:';
  }

  /**
   * Not 0, as in the request: the user needs time at the provider after they entered the password, such as for its second factor.
   */
  private getSecondsSince(time: number): number {
    return Math.max(0, Math.ceil((this.clock.now() - time) / 1_000));
  }

  /** If a repeated discovery fails, the earlier metadata is used. */
  private async discover(): Promise<openid.ServerMetadata> {
    const known = this.discovered;
    if (known && this.clock.now() - known.at < METADATA_MILLISECONDS) return known.server;
    try {
      return await this.discovery.share('metadata', async () => {
        const { issuer, clientId } = this.settings;
        const found = await openid.discovery(
          new URL(issuer),
          clientId,
          undefined,
          openid.None(),
          this.discoveryOptions(),
        );
        const server = found.serverMetadata();
        this.discovered = { server, at: this.clock.now() };
        return server;
      });
    } catch (error) {
      if (known) return known.server;
      throw error;
    }
  }

  /** Makes the cached keys look older than the cooldown, so that a new key of the provider is accepted at once. */
  private useCachedKeys(configuration: openid.Configuration): openid.ExportedJWKSCache | undefined {
    if (!this.keys) return undefined;
    const aged = { ...this.keys, uat: this.keys.uat - KEY_COOLDOWN_SECONDS };
    openid.setJwksCache(configuration, aged);
    return aged;
  }

  private storeKeys(configuration: openid.Configuration, used: openid.ExportedJWKSCache | undefined): void {
    const current = openid.getJwksCache(configuration);
    if (current && current.uat !== used?.uat) this.keys = current;
  }
}
