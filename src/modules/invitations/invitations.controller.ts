import { Body, Controller, Delete, Post, Req, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { getDevice, SignedInInterceptor, SignedInView, type SignedIn } from '../auth/index.js';
import { UserView } from '../users/index.js';
import { InvitationRequests } from './invitation-requests.service.js';
import { InvitationSignIn } from './invitation-sign-in.service.js';
import { AcceptInvitation, JoinClinic } from './invitations.dto.js';

@ApiTags('Auth')
@Controller('api/v1/auth/invitations')
export class InvitationsController {
  constructor(private readonly signIn: InvitationSignIn) {}

  @Post('accept')
  @Operation({
    summary: 'Accept an invitation and sign in',
    description: `Sets the first password of the account and verifies the address that the invitation was sent to. An invitation
      works once, for seven days. One that came by SMS needs \`email\`: the response is 403 \`EMAIL_NOT_VERIFIED\`, and another
      link is mailed to that address. An invitation to join another clinic needs the password of the account; a person without one
      uses \`POST /auth/invitations/join\`.`,
    permission: 'public',
    answer: SignedInView,
    errors: ['EMAIL_TAKEN', 'EMAIL_NOT_VERIFIED', 'INVALID_CREDENTIALS', 'MFA_REQUIRED', 'MFA_INVALID'],
  })
  @UseInterceptors(SignedInInterceptor)
  accept(@Body() body: AcceptInvitation, @Req() request: Request): Promise<SignedIn> {
    return this.signIn.accept(body, getDevice(request));
  }

  @Post('join')
  @Operation({
    summary: 'Accept an invitation to join another clinic, signed in',
    description: `For a person without a password, who signs in at an identity provider. Needs fresh proof of identity:
      \`POST /auth/reauthenticate/provider\`, \`POST /auth/reauthenticate\`, or \`password\` and \`otp\` in the body. Access tokens in use get
      the clinic at once.`,
    permission: 'session:own',
    answer: UserView,
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  })
  join(@CurrentActor() actor: Actor, @Body() body: JoinClinic, @Req() request: Request): Promise<UserView> {
    return this.signIn.joinSignedIn(actor, body, getDevice(request));
  }
}

@ApiTags('Users')
@Controller('api/v1/users/:id/invite')
export class UserInvitationsController {
  constructor(private readonly requests: InvitationRequests) {}

  @Post()
  @Operation({
    summary: 'Send a person an invitation',
    description: 'Earlier invitations of the person end. At most three in 24 hours to an address.',
    permission: 'user:manage',
    idempotent: true,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  })
  invite(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.requests.inviteUser(actor, id);
  }

  @Delete()
  @Operation({
    summary: 'Revoke the invitation of a person',
    permission: 'user:manage',
    errors: ['NOT_FOUND'],
  })
  revoke(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.requests.revoke(actor, id);
  }
}

@ApiTags('Clients')
@Controller('api/v1/clients/:id/invite')
export class ClientInvitationsController {
  constructor(private readonly requests: InvitationRequests) {}

  @Post()
  @Operation({
    summary: 'Send a patient an invitation',
    description: `By mail or, if the patient has only a telephone number, by SMS. Earlier invitations of the patient end. At most
      three in 24 hours to an address or number.`,
    permission: 'client:invite',
    idempotent: true,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'ALREADY_EXISTS'],
  })
  invite(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.requests.invitePatient(actor, id);
  }
}
