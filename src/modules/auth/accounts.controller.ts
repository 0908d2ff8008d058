import { Body, Controller, Put, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { UserView } from '../users/index.js';
import { AccountChangeService } from './account-change.service.js';
import { ChangeAccount } from './auth.dto.js';
import { getDevice } from './device.js';

@ApiTags('Users')
@Controller('api/v1/users')
export class AccountsController {
  constructor(private readonly changes: AccountChangeService) {}

  @Put(':id')
  @Operation({
    summary: 'Change an account',
    description:
      'A new `email` needs fresh proof of identity: `POST /auth/reauthenticate`, or `password` and `otp` in the body. If it is your own, the ' +
      'response still has the old address: the new one takes effect when the link in a mail to it is used, within a day. The old address gets a mail with a ' +
      'link that stops the change. If another account has the new address, the response is the same, and its owner gets a mail. After ' +
      'the change, other sessions end. `EMAIL_TAKEN` is returned only to an ADMIN who changes the address of somebody else.',
    permission: 'user:own',
    answer: UserView,
    versioned: true,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'EMAIL_TAKEN'],
  })
  change(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() body: ChangeAccount,
    @IfMatch() version: number | null,
    @Req() request: Request,
  ): Promise<UserView> {
    return this.changes.change(actor, id, body, version, getDevice(request));
  }
}
