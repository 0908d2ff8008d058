import { Body, Controller, Delete, Get, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { COOKIE_MODE, Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { UserView } from '../users/index.js';
import {
  EmailVerifiedView,
  LoginWithCode,
  Refresh,
  Register,
  SessionView,
  SignedInView,
  VerifyEmail,
} from './auth.dto.js';
import { AuthService } from './auth.service.js';
import { getDevice } from './device.js';
import { AddressLinks } from './address-links.js';
import { EmailVerificationService } from './email-verification.service.js';
import { RefreshCookie } from './refresh-cookie.js';
import { RegistrationInterceptor } from './registration.interceptor.js';
import { SelfRegistrationService } from './self-registration.service.js';
import type { SignedIn } from './session-tokens.js';
import { SessionsService } from './sessions.service.js';
import { SignOutService } from './sign-out.service.js';
import { SignedInInterceptor } from './signed-in.interceptor.js';
import { SignInLimits } from './sign-in-limits.js';

const AuthModeHeader = (): MethodDecorator =>
  ApiHeader({
    name: 'X-Auth-Mode',
    required: false,
    description: '`cookie`: the response has the refresh token in an HttpOnly cookie instead of in the body.',
    schema: { type: 'string', enum: ['cookie'] },
  });

@ApiTags('Auth')
@Controller('api/v1/auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly registration: SelfRegistrationService,
    private readonly sessions: SessionsService,
    private readonly signOut: SignOutService,
    private readonly cookie: RefreshCookie,
    private readonly limits: SignInLimits,
    private readonly verification: EmailVerificationService,
    private readonly addressLinks: AddressLinks,
  ) {}

  @Post('register')
  @AuthModeHeader()
  @Operation({
    summary: 'Register as a patient',
    permission: 'public',
    status: 201,
    answer: SignedInView,
    idempotent: true,
    description:
      'Sends a mail with a link to the address. Before the link is used, the patient can book, but gets no other mail and no SMS.',
    errors: ['EMAIL_TAKEN'],
  })
  @UseInterceptors(RegistrationInterceptor)
  @UseInterceptors(SignedInInterceptor)
  register(@Body() body: Register, @Req() request: Request): Promise<SignedIn> {
    return this.registration.register(body, getDevice(request));
  }

  @Post('login')
  @AuthModeHeader()
  @Operation({
    summary: 'Sign in',
    description:
      'With `X-Auth-Mode: cookie`, the response has the refresh token in an HttpOnly cookie instead of in the body.',
    permission: 'public',
    answer: SignedInView,
    errors: ['INVALID_CREDENTIALS', 'MFA_REQUIRED', 'MFA_INVALID'],
  })
  @UseInterceptors(SignedInInterceptor)
  login(@Body() body: LoginWithCode, @Req() request: Request): Promise<SignedIn> {
    return this.auth.login(body, getDevice(request), { otp: body.otp });
  }

  @Post('refresh')
  @Operation({
    summary: 'Refresh tokens',
    description:
      'A refresh token works once. A second use ends the session. With the cookie, `X-CSRF-Token` is required.',
    permission: 'public',
    security: [{}, COOKIE_MODE],
    answer: SignedInView,
    errors: ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'REFRESH_TOKEN_REUSED', 'CSRF_FAILED'],
  })
  async refresh(
    @Body() body: Refresh,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedInView> {
    await this.limits.assertMayRefresh(request.ip ?? null);
    const cameInCookie = body.refreshToken === undefined;
    const token = body.refreshToken ?? this.cookie.read(request);
    if (!token) throw new DomainError('UNAUTHENTICATED', 'A refresh token is required, in the body or in the cookie.');
    return this.cookie.toView(request, response, await this.sessions.rotate(token), { cameInCookie });
  }

  @Post('logout')
  @Operation({
    summary: 'Sign out of this session',
    permission: 'session:own',
    allowsMissingMfa: true,
    errors: ['NOT_FOUND'],
  })
  async logout(@CurrentActor() actor: Actor, @Res({ passthrough: true }) response: Response): Promise<null> {
    this.cookie.clear(response);
    return this.signOut.end(actor, actor.sessionId);
  }

  @Post('logout-all')
  @Operation({ summary: 'End all of your sessions', permission: 'session:own' })
  async logoutAll(@CurrentActor() actor: Actor, @Res({ passthrough: true }) response: Response): Promise<null> {
    this.cookie.clear(response);
    return this.signOut.endAll(actor);
  }

  @Get('profile')
  @Operation({
    summary: 'Get your profile',
    permission: 'session:own',
    allowsMissingMfa: true,
    answer: UserView,
  })
  profile(@CurrentActor() actor: Actor): Promise<UserView> {
    return this.auth.profile(actor);
  }

  @Get('sessions')
  @Operation({
    summary: 'List your sessions',
    permission: 'session:own',
    answer: [SessionView],
    plainList: true,
  })
  list(@CurrentActor() actor: Actor): Promise<SessionView[]> {
    return this.sessions.list(actor);
  }

  @Delete('sessions/:id')
  @Operation({ summary: 'End one of your sessions', permission: 'session:own', errors: ['NOT_FOUND'] })
  endSession(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.signOut.end(actor, id);
  }

  @Post('email/verify')
  @Operation({
    summary: 'Verify an e-mail address',
    description:
      'Requires the token of the link in a mail: to the address of a registration (works for three days), or to the new address of a change (one day). It works once.',
    errors: ['EMAIL_TAKEN'],
    permission: 'public',
    answer: EmailVerifiedView,
  })
  async verifyEmail(@Body() { token }: VerifyEmail, @Req() request: Request): Promise<EmailVerifiedView> {
    await this.addressLinks.verify(token, request.ip ?? null);
    return { emailVerified: true };
  }

  @Post('email/resend')
  @Operation({
    summary: 'Send the verification mail again',
    description: 'At most three mails a day to an address. Does nothing if the address is verified.',
    permission: 'session:own',
  })
  resendEmail(@CurrentActor() actor: Actor): Promise<null> {
    return this.verification.resend(actor);
  }
}
