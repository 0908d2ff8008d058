import { z } from 'zod';

const url = z.string().refine(isPlainUrl, { message: 'must be an http or https URL' });

/** A name in the claims of a provider; a path for nested fields, such as `data.email`. */
const claim = z.string().regex(/^[\w.-]{1,100}$/, 'must be the name of a field');

const client = {
  clientId: z.string().min(1),
  /** Left out for a public client, which has PKCE only. */
  clientSecret: z.string().min(1).optional(),
  /** How the secret is sent to the token endpoint. */
  clientAuthentication: z.enum(['post', 'basic']).default('post'),
};

/** OpenID Connect: everything else is discovered from the issuer. */
const OpenIdProvider = z.strictObject({
  ...client,
  issuer: url,
  scope: z
    .string()
    .default('openid email profile')
    .refine((scope) => scope.split(' ').includes('openid'), { message: 'must contain openid' }),
});

/** OAuth 2.0 without OpenID Connect, such as Facebook: the endpoints, and which fields of the user information are used. */
const OAuthProvider = z.strictObject({
  ...client,
  authorizationEndpoint: url,
  tokenEndpoint: url,
  userinfoEndpoint: url,
  scope: z.string().default('email'),
  claims: z.strictObject({
    id: claim,
    email: claim,
    /** Left out if the provider does not tell: no address counts as verified. */
    emailVerified: claim.optional(),
    firstName: claim.optional(),
    lastName: claim.optional(),
    name: claim.optional(),
  }),
});

export type OpenIdProviderSettings = z.output<typeof OpenIdProvider>;
export type OAuthProviderSettings = z.output<typeof OAuthProvider>;
export type IdentityProviderSettings = OpenIdProviderSettings | OAuthProviderSettings;

/** Providers by name. The name is a part of URLs and of stored identities. */
const Providers = z.record(
  z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  z.unknown().transform((value, context): IdentityProviderSettings => {
    const isOpenId = typeof value === 'object' && value !== null && 'issuer' in value;
    const result = (isOpenId ? OpenIdProvider : OAuthProvider).safeParse(value);
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues) context.addIssue({ code: 'custom', path, message });
    return z.NEVER;
  }),
);

/** The JSON of OIDC_PROVIDERS. Messages contain names of fields only, never values. */
export const identityProviders = z
  .string()
  .default('{}')
  .transform((text, context) => {
    const result = Providers.safeParse(toJson(text));
    if (result.success) return result.data;
    const faults = result.error.issues.map(({ path, message }) => `${path.map(String).join('.')} ${message}`.trim());
    context.addIssue({
      code: 'custom',
      message: `must be JSON of providers by name (docs/identity-providers.md): ${faults.join('; ')}`,
    });
    return z.NEVER;
  });

/** Comma-separated URLs, also of mobile applications (`org.clinic.app:/signed-in`). They are compared as a whole. */
export const returnUrls = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  )
  .refine((all) => all.every(isReturnUrl), {
    message:
      'must be URLs without a query or fragment, such as https://app.example.org/signed-in,org.example.app:/signed-in',
  });

/** The URLs of a provider. */
export const getProviderUrls = (provider: IdentityProviderSettings): string[] =>
  'issuer' in provider
    ? [provider.issuer]
    : [provider.authorizationEndpoint, provider.tokenEndpoint, provider.userinfoEndpoint];

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}

/** Schemes that browsers run or open themselves. */
const REFUSED_SCHEMES = /^(?:javascript|data|vbscript|file|blob|about|ws|wss|ftp|view-source):$/;

function isReturnUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  const isPlain = !/[?#*\s]/.test(text) && username === '' && password === '';
  return isPlain && !REFUSED_SCHEMES.test(protocol);
}
