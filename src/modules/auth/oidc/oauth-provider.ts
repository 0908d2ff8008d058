import * as openid from 'openid-client';
import type { Logger } from 'pino';
import type { OAuthProviderSettings } from '../../../core/config/oidc-providers.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import { IdentityProvider, type Claims, type ProviderRequest } from './identity-provider.js';

/**
 * A provider with OAuth 2.0 only, such as Facebook. The claims come from its user information, whose fields are mapped to the names
 * of OpenID Connect. There is no nonce: PKCE binds the code to the request.
 */
export class OAuthProvider extends IdentityProvider {
  readonly canReauthenticate = false;

  constructor(
    name: string,
    protected override readonly settings: OAuthProviderSettings,
    redirectUri: string,
    logger: Logger,
  ) {
    super(name, settings, redirectUri, logger);
  }

  getAuthorizationUrl(request: ProviderRequest): Promise<URL> {
    return this.buildUrl(this.configure(this.getServer()), request, {});
  }

  readCallback(query: URLSearchParams, request: ProviderRequest): Promise<Claims> {
    return this.call(async () => {
      const configuration = this.configure(this.getServer());
      const tokens = await openid.authorizationCodeGrant(configuration, this.toCallbackUrl(query), {
        expectedState: request.state,
        pkceCodeVerifier: request.codeVerifier,
      });
      const url = new URL(this.settings.userinfoEndpoint);
      const headers = new Headers({ accept: 'application/json' });
      const response = await openid.fetchProtectedResource(
        configuration,
        tokens.access_token,
        url,
        'GET',
        null,
        headers,
      );
      if (!response.ok) throw new ProviderError(response.status >= 500 ? 'FAILED' : 'INVALID_ANSWER');
      return this.toClaims(await response.json().catch(() => undefined));
    });
  }

  protected isInsecure(): boolean {
    const { authorizationEndpoint, tokenEndpoint, userinfoEndpoint } = this.settings;
    return [authorizationEndpoint, tokenEndpoint, userinfoEndpoint].some((url) => url.startsWith('http:'));
  }

  private toClaims(info: unknown): Claims {
    if (typeof info !== 'object' || info === null) throw new ProviderError('UNREADABLE_RESPONSE');
    const { id, email, emailVerified, firstName, lastName, name } = this.settings.claims;
    const get = (path: string | undefined): unknown => (path === undefined ? undefined : getField(info, path));
    const subject = get(id);
    return {
      // Some providers have numbers as ids. Numbers that JavaScript cannot represent would be rounded to that of another user.
      sub: Number.isSafeInteger(subject) ? String(subject) : subject,
      email: get(email),
      email_verified: get(emailVerified),
      given_name: get(firstName),
      family_name: get(lastName),
      name: get(name),
    };
  }

  private getServer(): openid.ServerMetadata {
    const { authorizationEndpoint, tokenEndpoint } = this.settings;
    return {
      issuer: new URL(authorizationEndpoint).origin,
      authorization_endpoint: authorizationEndpoint,
      token_endpoint: tokenEndpoint,
    };
  }
}

function getField(data: object, path: string): unknown {
  let value: unknown = data;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
