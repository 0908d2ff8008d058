import { Body, Controller, Get, Param, Post, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Config, publicUrl } from '../../../core/config/config.js';
import { RawReply } from '../../../core/http/careslot-adapter.js';
import { Operation } from '../../../core/http/operation.js';
import { DomainError } from '../../../core/kernel/domain-error.js';
import { SignedInView } from '../auth.dto.js';
import { getDevice } from '../device.js';
import type { SignedIn } from '../session-tokens.js';
import { SignedInInterceptor } from '../signed-in.interceptor.js';
import { SignInLimits } from '../sign-in-limits.js';
import { CodeExchangeService } from './code-exchange.service.js';
import { IdentityProviders } from './identity-providers.js';
import {
  ExchangeCode,
  IdentityProviderView,
  ProviderCallbackView,
  ProviderUrlView,
  StartProviderSignIn,
} from './oidc.dto.js';
import { ProviderCallbacksService } from './provider-callbacks.service.js';
import { ProviderRequestsService, type PendingRequest } from './provider-requests.service.js';
import { RequestCookie } from './request-cookie.js';

@ApiTags('Auth')
@Controller('api/v1/auth/oidc')
export class OidcController {
  constructor(
    private readonly providers: IdentityProviders,
    private readonly requests: ProviderRequestsService,
    private readonly callbacks: ProviderCallbacksService,
    private readonly exchanges: CodeExchangeService,
    private readonly limits: SignInLimits,
    private readonly cookie: RequestCookie,
    private readonly config: Config,
  ) {}

  @Get()
  @Operation({
    summary: 'List the identity providers',
    permission: 'public',
    answer: [IdentityProviderView],
    plainList: true,
  })
  list(): IdentityProviderView[] {
    const base = `${publicUrl(this.config)}/api/v1/auth/oidc`;
    return this.providers.listNames().map((name) => ({ name, url: `${base}/${name}` }));
  }

  @Get(':provider')
  @Operation({
    summary: 'Sign in at an identity provider',
    description:
      'Open it in the user’s browser: it redirects to the provider (OpenID Connect code flow with PKCE). After the sign-in, the browser is ' +
      'redirected to `returnUrl` with `code`, for `POST /auth/oidc/token`, or with `error` (an error code), `error_description` and `reason`. ' +
      'A new user is registered as a patient, with the address as verified if the provider says so. `EMAIL_TAKEN`: an account has the ' +
      'address; its owner signs in there and links the provider with `POST /auth/oidc/{provider}/link`. With `Accept: application/json`, the ' +
      'response has the URL of the provider instead of a redirect; the browser must keep the cookie.',
    permission: 'public',
    answer: ProviderUrlView,
    otherAnswers: {
      302: 'To the identity provider, or to the return URL with `error`, `error_description` and `reason`.',
    },
    errors: ['NOT_FOUND', 'UPSTREAM_UNAVAILABLE'],
  })
  async start(
    @Param('provider') name: string,
    @Query() query: StartProviderSignIn,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ProviderUrlView | RawReply> {
    const provider = this.providers.get(name);
    await this.limits.assertMayUseProvider(request.ip ?? null);
    const { ticket } = query;
    const context = ticket === undefined ? this.requests.toContext(query) : this.requests.readTicket(name, ticket);
    response.setHeader('Cache-Control', 'no-store');
    const begin = async (): Promise<string> => {
      const started = await this.requests.start(provider, context);
      this.cookie.set(response, provider, started);
      return started.url;
    };
    if (request.accepts(['html', 'json']) === 'json') return { url: await begin() };
    return redirectErrors(context.returnUrl, async () => redirect(await begin()));
  }

  @Get(':provider/callback')
  @Operation({
    summary: 'Finish a sign-in at an identity provider',
    description:
      'The provider redirects the browser here. Works once, for ten minutes, and only in the browser that started. Without a return URL, the ' +
      'response has the tokens, or 401 `MFA_REQUIRED` with `details.pendingToken`.',
    permission: 'public',
    answer: ProviderCallbackView,
    otherAnswers: { 302: 'To the return URL, with `code` or with `error`, `error_description` and `reason`.' },
    errors: [
      'NOT_FOUND',
      'UNAUTHENTICATED',
      'MFA_REQUIRED',
      'EMAIL_NOT_VERIFIED',
      'EMAIL_TAKEN',
      'UPSTREAM_UNAVAILABLE',
    ],
  })
  async finish(
    @Param('provider') name: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ProviderCallbackView | RawReply> {
    const provider = this.providers.get(name);
    await this.limits.assertMayUseProvider(request.ip ?? null);
    response.setHeader('Cache-Control', 'no-store');
    const { searchParams } = new URL(request.originalUrl, provider.redirectUri);
    const state = searchParams.get('state');
    const pending = this.requests.readPending(name, state, this.cookie.read(request, state));
    this.cookie.clear(response, provider, pending.state);
    return redirectErrors(pending.returnUrl, async () => {
      const code = await this.callbacks.handle(provider, pending, searchParams, request.ip ?? null);
      return pending.returnUrl === null
        ? this.toView(code, pending, request)
        : redirect(withQuery(pending.returnUrl, { code }));
    });
  }

  @Post('token')
  @Operation({
    summary: 'Exchange the code of a sign-in at an identity provider',
    description:
      'Works once, for a minute. An account with a second factor gets 401 `MFA_REQUIRED` with `details.pendingToken`, for ' +
      '`POST /auth/mfa/verify`. With `X-Auth-Mode: cookie`, the refresh token is in an HttpOnly cookie.',
    permission: 'public',
    answer: SignedInView,
    errors: ['MFA_REQUIRED'],
  })
  @UseInterceptors(SignedInInterceptor)
  async exchange(@Body() body: ExchangeCode, @Req() request: Request): Promise<SignedIn> {
    await this.limits.assertMayUseProvider(request.ip ?? null);
    return this.exchanges.exchange(body, getDevice(request));
  }

  /** Without a return URL there is no application to exchange the code. */
  private async toView(code: string, { purpose }: PendingRequest, request: Request): Promise<ProviderCallbackView> {
    if (purpose !== 'SIGN_IN') return { code };
    const { user, accessToken, refreshToken, expiresIn } = await this.exchanges.exchange({ code }, getDevice(request));
    return { user, accessToken, refreshToken, expiresIn };
  }
}

const redirect = (url: string): RawReply =>
  new RawReply('', 'text/plain', { Location: url, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }, 302);

function withQuery(url: string, parameters: Record<string, string>): string {
  return `${url}?${new URLSearchParams(parameters).toString()}`;
}

/** Does the work. Redirects to the return URL with an expected failure; throws it if there is no return URL. */
async function redirectErrors<T>(returnUrl: string | null, work: () => Promise<T>): Promise<T | RawReply> {
  try {
    return await work();
  } catch (error) {
    if (returnUrl === null || !(error instanceof DomainError)) throw error;
    const { reason } = (error.details ?? {}) as { reason?: string };
    const parameters = { error: error.code, error_description: error.message, ...(reason && { reason }) };
    return redirect(withQuery(returnUrl, parameters));
  }
}
