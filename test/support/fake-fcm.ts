import { generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import jwt from 'jsonwebtoken';
import { FakeProvider, type Reply } from './fake-provider.js';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

const EMAIL = 'push@careslot-test.iam.gserviceaccount.com';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** FCM HTTP v1 and Google's token endpoint, which checks the signature, the issuer, the audience and the scope. */
export class FakeFcm extends FakeProvider {
  readonly messages: any[] = [];
  /** Tokens of uninstalled apps. */
  readonly unregistered = new Set<string>();
  tokensGiven = 0;
  private accessToken = '';

  /** The JSON file of a service account; its token_uri is this server. */
  get serviceAccount() {
    return {
      type: 'service_account',
      project_id: 'careslot-test',
      private_key: privateKey,
      client_email: EMAIL,
      token_uri: `${this.url}/token`,
    };
  }

  /** Makes the current token invalid before it expires. */
  endToken(): void {
    this.accessToken = 'another';
  }

  protected override mayFail(_request: IncomingMessage, url: URL): boolean {
    return url.pathname !== '/token';
  }

  protected answer(request: IncomingMessage, url: URL, body: string): Reply {
    if (url.pathname === '/token') return this.token(new URLSearchParams(body));
    if (url.pathname !== '/v1/projects/careslot-test/messages:send') return { status: 404, body: {} };
    if (request.headers.authorization !== `Bearer ${this.accessToken}`) return fcmError(401, 'UNAUTHENTICATED');
    const { message } = JSON.parse(body) as { message: { token: string } };
    if (this.unregistered.has(message.token)) return fcmError(404, 'NOT_FOUND', 'UNREGISTERED');
    if (message.token.includes(' ')) return badToken;
    this.messages.push(message);
    return { status: 200, body: { name: `projects/careslot-test/messages/${this.messages.length}` } };
  }

  private token(form: URLSearchParams): Reply {
    const options = { algorithms: ['RS256' as const], issuer: EMAIL, audience: `${this.url}/token` };
    try {
      const claims = jwt.verify(form.get('assertion') ?? '', publicKey, options) as jwt.JwtPayload;
      const isRight =
        form.get('grant_type') === GRANT && claims.scope === 'https://www.googleapis.com/auth/firebase.messaging';
      if (!isRight) throw new Error('wrong grant');
    } catch {
      return { status: 400, body: { error: 'invalid_grant' } };
    }
    this.tokensGiven += 1;
    this.accessToken = `token-${this.tokensGiven}`;
    return { status: 200, body: { access_token: this.accessToken, expires_in: 3599, token_type: 'Bearer' } };
  }
}

export const fcmError = (status: number, name: string, errorCode?: string): Reply => ({
  status,
  body: {
    error: {
      code: status,
      status: name,
      message: 'Refused.',
      details: errorCode ? [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }] : [],
    },
  },
});

const badToken: Reply = {
  status: 400,
  body: {
    error: {
      code: 400,
      status: 'INVALID_ARGUMENT',
      message: 'The registration token is not a valid FCM registration token',
      details: [
        { '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: 'INVALID_ARGUMENT' },
        { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: 'message.token' }] },
      ],
    },
  },
};
