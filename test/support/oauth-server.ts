import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { IdentityProviderSettings } from '../../src/core/config/oidc-providers.js';
import { FakeProvider, type Reply } from './fake-provider.js';

interface Grant {
  challenge: string;
  redirectUri: string;
}

/** An OAuth 2.0 server without OpenID Connect, with the answers of Facebook's: no ID token, and fields with names of its own. */
export class OAuthServer extends FakeProvider {
  readonly clientId = 'careslot-app';
  private readonly clientSecret = 'a-secret-of-the-tests';
  /** Who is signed in at the provider. */
  user: object = {};
  private readonly codes = new Map<string, Grant>();
  private readonly tokens = new Set<string>();

  get settings(): IdentityProviderSettings {
    return {
      clientId: this.clientId,
      clientSecret: this.clientSecret,
      authorizationEndpoint: `${this.url}/dialog/oauth`,
      tokenEndpoint: `${this.url}/oauth/access_token`,
      userinfoEndpoint: `${this.url}/me?fields=id,email,first_name,last_name`,
      scope: 'email public_profile',
      claims: {
        id: 'id',
        email: 'email',
        emailVerified: 'security.verified',
        firstName: 'first_name',
        lastName: 'last_name',
      },
    } as IdentityProviderSettings;
  }

  /** The user agrees. @returns the URL to which the provider redirects the browser */
  approve(authorizationUrl: string): string {
    const { pathname, searchParams } = new URL(authorizationUrl);
    const redirectUri = searchParams.get('redirect_uri') ?? '';
    if (pathname !== '/dialog/oauth' || searchParams.get('client_id') !== this.clientId) throw new Error('bad request');
    const code = randomUUID();
    this.codes.set(code, { challenge: searchParams.get('code_challenge') ?? '', redirectUri });
    const answer = new URLSearchParams({ code, state: searchParams.get('state') ?? '' });
    return `${redirectUri}?${answer.toString()}`;
  }

  protected answer(request: IncomingMessage, url: URL, body: string): Reply {
    if (url.pathname === '/oauth/access_token') return this.exchange(new URLSearchParams(body));
    const token = request.headers.authorization?.replace(/^bearer /i, '') ?? '';
    const isKnown = url.pathname === '/me' && url.searchParams.get('fields') !== null && this.tokens.has(token);
    return isKnown ? { status: 200, body: this.user } : refusal();
  }

  private exchange(form: URLSearchParams): Reply {
    const grant = this.codes.get(form.get('code') ?? '');
    this.codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isRight =
      grant?.challenge === challenge &&
      grant.redirectUri === form.get('redirect_uri') &&
      form.get('client_id') === this.clientId &&
      form.get('client_secret') === this.clientSecret;
    if (!isRight) return refusal();
    const token = randomUUID();
    this.tokens.add(token);
    return { status: 200, body: { access_token: token, token_type: 'bearer', expires_in: 5_183_944 } };
  }
}

/** Facebook's errors are objects, not the texts of RFC 6749. */
const refusal = (): Reply => ({
  status: 400,
  body: { error: { message: 'Refused.', type: 'OAuthException', code: 100 } },
});
