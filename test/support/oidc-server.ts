import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';
import Provider, { type Account } from 'oidc-provider';
import type { IdentityProviderSettings } from '../../src/core/config/oidc-providers.js';

const CLIENT_SECRET = 'a-secret-of-the-tests-only';

interface Key {
  id: string;
  privateKey: KeyObject;
}

/** The answer to a request instead of the provider's. */
export interface Interception {
  status: number;
  body: object;
  headers?: Record<string, string>;
}

/** A running `oidc-provider` on its own port. Any name can sign in; `claims` has what the provider says about a person. */
export class OidcServer {
  readonly claims = new Map<string, object>();
  readonly clientId = 'careslot';
  /** The paths of all requests. */
  readonly requests: string[] = [];
  /** Answers requests of this path, if it returns something. `HANG`: never. */
  intercept: (path: string) => Interception | 'HANG' | undefined = () => undefined;
  issuer = '';
  private server?: Server;
  private handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  private key = createKey(1);

  constructor(private readonly redirectUris: string[]) {}

  get settings(): IdentityProviderSettings {
    const { issuer, clientId } = this;
    return { issuer, clientId, clientSecret: CLIENT_SECRET } as IdentityProviderSettings;
  }

  async start(): Promise<this> {
    this.server = createServer((request, response) => this.answer(request, response));
    await this.listen(0);
    const { port } = this.server.address() as AddressInfo;
    this.issuer = `http://127.0.0.1:${port}`;
    this.createProvider();
    return this;
  }

  /** Refuses connections until `restart`. */
  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  async restart(): Promise<void> {
    await this.listen(Number(new URL(this.issuer).port));
  }

  close(): Promise<void> {
    return this.stop();
  }

  /** Replaces the signing key, as providers do regularly. */
  rotateKeys(): void {
    this.key = createKey(Number(this.key.id.slice(1)) + 1);
    this.createProvider();
  }

  /** Signs an ID token with the provider's key, whatever it says. */
  sign(claims: object, options: jwt.SignOptions = {}): string {
    return jwt.sign(claims, this.key.privateKey, { algorithm: 'RS256', keyid: this.key.id, ...options });
  }

  private createProvider(): void {
    const { id, privateKey } = this.key;
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: this.clientId,
          client_secret: CLIENT_SECRET,
          redirect_uris: this.redirectUris,
          token_endpoint_auth_method: 'client_secret_post',
          require_auth_time: false,
        },
      ],
      claims: { email: ['email', 'email_verified'], profile: ['given_name', 'family_name', 'name', 'locale'] },
      cookies: { keys: ['a-key-of-the-tests-only'] },
      features: { devInteractions: { enabled: true } },
      findAccount: (_: unknown, accountId: string): Account => ({
        accountId,
        claims: () => ({ sub: accountId, ...this.claims.get(accountId) }),
      }),
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: id, use: 'sig', alg: 'RS256' }] },
      pkce: { required: () => true },
      ttl: { Session: 3_600, Interaction: 600, Grant: 3_600, AccessToken: 600, IdToken: 600 },
    });
    this.handle = provider.callback();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', this.issuer);
    this.requests.push(pathname);
    const interception = this.intercept(pathname);
    if (interception === 'HANG') return;
    if (interception) {
      response.writeHead(interception.status, { 'content-type': 'application/json', ...interception.headers });
      response.end(JSON.stringify(interception.body));
      return;
    }
    this.handle(request, response);
  }

  private async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.server?.listen(port, '127.0.0.1', resolve));
  }
}

const createKey = (number: number): Key => ({
  id: `k${number}`,
  privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
});
