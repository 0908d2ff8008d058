import { IntersectionType, PickType } from '@nestjs/swagger';
import { IsString, Length, Matches, MaxLength } from 'class-validator';
import { IsZoneName } from '../../../core/http/instants.js';
import { LanguageTag, MayBeLeftOut } from '../../../core/http/text.js';
import { UserView } from '../../users/index.js';
import { ProofFields } from '../mfa/mfa.dto.js';

/** The SHA-256 of a verifier of the application, in base64url (RFC 7636). */
const CodeChallenge = (): PropertyDecorator =>
  Matches(/^[\w-]{43}$/, { message: 'must be a SHA-256 in base64url (RFC 7636, S256)' });

class Destination {
  /** One of OIDC_RETURN_URLS; if left out, the first one. @example https://app.example.org/signed-in */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(2_000)
  returnUrl?: string;

  /** The SHA-256 of a secret of your application (RFC 7636, S256). Then only your application can exchange the code. @example E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM */
  @MayBeLeftOut()
  @CodeChallenge()
  codeChallenge?: string;
}

export class StartProviderSignIn extends Destination {
  /** For a new account; if left out, UTC. @example Africa/Cairo */
  @MayBeLeftOut()
  @IsZoneName()
  timeZone?: string;

  /** For a new account; if left out, the language at the provider. @example ar */
  @MayBeLeftOut()
  @LanguageTag()
  locale?: string;

  /** Part of the `url` that `POST …/link` or `POST …/reauthenticate` returns. With it, the other parameters are ignored. */
  @MayBeLeftOut()
  @IsString()
  @Length(1, 4_000)
  ticket?: string;
}

export class LinkIdentity extends IntersectionType(Destination, ProofFields) {}

export class ReauthenticateAtProvider extends Destination {}

export class ExchangeCode {
  /** The parameter `code` of the return URL. */
  @IsString()
  @Length(1, 500)
  code: string;

  /** The secret of the `codeChallenge`, if the request had one. @example dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk */
  @MayBeLeftOut()
  @Matches(/^[\w.~-]{43,128}$/, { message: 'must have 43 to 128 letters, digits or - . _ ~ (RFC 7636)' })
  codeVerifier?: string;
}

export class ProveByCode extends IntersectionType(ExchangeCode, PickType(ProofFields, ['otp'])) {}

export class IdentityProviderView {
  /** @example google */
  name: string;
  /** Starts a sign-in, in the user's browser. @example https://api.example.org/api/v1/auth/oidc/google */
  url: string;
}

export class ProviderUrlView {
  /** Open it in the user's browser within ten minutes. @example https://accounts.google.com/o/oauth2/v2/auth?client_id=123 */
  url: string;
}

export class IdentityView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** @example google */
  provider: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

/** The answer of a callback if no return URL is configured. */
export class ProviderCallbackView {
  user?: UserView;
  /** For `Authorization: Bearer …`. */
  accessToken?: string;
  refreshToken?: string;
  /** Lifetime of the access token in seconds. @example 900 */
  expiresIn?: number;
  /** Instead of the tokens, if a signed-in user started the request: for `POST /auth/identities` or `POST /auth/reauthenticate/provider`. */
  code?: string;
}
