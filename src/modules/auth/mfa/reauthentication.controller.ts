import { Body, Controller, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Operation } from '../../../core/http/operation.js';
import { CurrentActor } from '../../../core/http/validation.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { getDevice } from '../device.js';
import { Reauthenticate } from './mfa.dto.js';
import { ReauthenticationService } from './reauthentication.service.js';

@ApiTags('Auth')
@Controller('api/v1/auth')
export class ReauthenticationController {
  constructor(private readonly reauthentication: ReauthenticationService) {}

  @Post('reauthenticate')
  @Operation({
    summary: 'Prove again who you are',
    description:
      'This session then counts as freshly proven for ten minutes. An account without a password sends only `otp` or, without a second factor, signs in at the identity provider again.',
    permission: 'session:own',
    errors: ['INVALID_CREDENTIALS', 'MFA_REQUIRED', 'MFA_INVALID', 'FORBIDDEN', 'NOT_FOUND'],
  })
  reauthenticate(@CurrentActor() actor: Actor, @Body() body: Reauthenticate, @Req() request: Request): Promise<null> {
    return this.reauthentication.reauthenticate(actor, body, getDevice(request));
  }
}
