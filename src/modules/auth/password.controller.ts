import { Body, Controller, Post, Put, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AccountLinkTokens } from '../account-links/index.js';
import { ChangePassword, ForgotPassword, ResetPassword } from './auth.dto.js';
import { getDevice } from './device.js';
import { PasswordChangeService } from './password-change.service.js';
import { PasswordResetRequests } from './password-reset-requests.js';
import { PasswordResetService } from './password-reset.service.js';

@ApiTags('Auth')
@Controller('api/v1/auth/password')
export class PasswordController {
  constructor(
    private readonly passwords: PasswordChangeService,
    private readonly requests: PasswordResetRequests,
    private readonly resets: PasswordResetService,
    private readonly tokens: AccountLinkTokens,
  ) {}

  @Put()
  @Operation({
    summary: 'Change your password and end your other sessions',
    description:
      'With a second factor, this needs fresh proof of identity: `POST /auth/reauthenticate`, or `otp` in the body. The address of the ' +
      'account gets a mail that says so. Links to reset the password stop working.',
    permission: 'session:own',
    errors: ['INVALID_CREDENTIALS', 'FORBIDDEN'],
  })
  change(@CurrentActor() actor: Actor, @Body() body: ChangePassword, @Req() request: Request): Promise<null> {
    return this.passwords.change(actor, body, getDevice(request));
  }

  @Post('forgot')
  @Operation({
    summary: 'Request a mail with a link to choose a new password',
    description:
      'The response is the same for every address. If an account that signs in with a password or an identity provider has it, a mail is ' +
      'sent: at most three a day to an address, or six if the owner signed in from the same IP address before. The link works once, for 30 minutes, until a newer one is requested or the password, role or address changes.',
    permission: 'public',
    status: 202,
    message: 'If an account has this address, a mail was sent to it.',
  })
  forgot(@Body() { email }: ForgotPassword, @Req() request: Request): Promise<null> {
    return this.requests.request(email, request.ip ?? null);
  }

  @Post('reset')
  @Operation({
    summary: 'Choose a new password with the token of a mail',
    description:
      'Ends all sessions and verifies the address. Returns no tokens: sign in afterwards, with a code if the account has a second factor.',
    permission: 'public',
    message: 'The password was changed. Sign in with it.',
  })
  reset(@Body() { token, password }: ResetPassword, @Req() request: Request): Promise<null> {
    return this.resets.reset(this.tokens.readFor('reset-password', token), password, request.ip ?? null);
  }
}
