import { Body, Controller, Delete, Get, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Operation } from '../../../core/http/operation.js';
import { CurrentActor, IdParam } from '../../../core/http/validation.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { getDevice } from '../device.js';
import { NEEDS_FRESH_PROOF, ProofFields } from '../mfa/mfa.dto.js';
import { ReauthenticationService } from '../mfa/reauthentication.service.js';
import { IdentitiesService } from './identities.service.js';
import { IdentityLinksService } from './identity-links.service.js';
import {
  ExchangeCode,
  IdentityView,
  LinkIdentity,
  ProveByCode,
  ProviderUrlView,
  ReauthenticateAtProvider,
} from './oidc.dto.js';
import { ProviderRequestsService } from './provider-requests.service.js';

@ApiTags('Auth')
@Controller('api/v1/auth')
export class IdentitiesController {
  constructor(
    private readonly requests: ProviderRequestsService,
    private readonly identities: IdentitiesService,
    private readonly identityLinks: IdentityLinksService,
    private readonly reauthentication: ReauthenticationService,
  ) {}

  @Post('oidc/:provider/link')
  @Operation({
    summary: 'Start to link an identity provider',
    description: `${NEEDS_FRESH_PROOF} Proof in the body also counts for the next ten minutes. The callback has a \`code\` for \`POST /auth/identities\`. The provider must have verified the address of your account.`,
    permission: 'session:own',
    answer: ProviderUrlView,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  })
  async startLink(
    @CurrentActor() actor: Actor,
    @Param('provider') name: string,
    @Body() { password, otp, ...options }: LinkIdentity,
    @Req() request: Request,
  ): Promise<ProviderUrlView> {
    const url = this.requests.createTicketUrl(name, 'LINK', actor, options);
    await this.reauthentication.assertFreshAndMarkProven(actor, { password, otp }, getDevice(request));
    return { url };
  }

  @Post('oidc/:provider/reauthenticate')
  @Operation({
    summary: 'Start to prove at an identity provider who you are',
    description:
      'For a user without a password. The callback has a `code` for `POST /auth/reauthenticate/provider`. The provider asks for the password again.',
    permission: 'session:own',
    answer: ProviderUrlView,
    errors: ['NOT_FOUND'],
  })
  startProof(
    @CurrentActor() actor: Actor,
    @Param('provider') name: string,
    @Body() options: ReauthenticateAtProvider,
  ): ProviderUrlView {
    return { url: this.requests.createTicketUrl(name, 'REAUTHENTICATE', actor, options) };
  }

  @Post('reauthenticate/provider')
  @Operation({
    summary: 'Prove by a sign-in at an identity provider who you are',
    description:
      'This session then counts as freshly proven for ten minutes. With a second factor, `otp` is needed too.',
    permission: 'session:own',
    errors: ['MFA_REQUIRED', 'MFA_INVALID', 'NOT_FOUND'],
  })
  prove(@CurrentActor() actor: Actor, @Body() { otp, ...proof }: ProveByCode): Promise<null> {
    return this.identityLinks.prove(actor, proof, otp);
  }

  @Get('identities')
  @Operation({
    summary: 'List the identity providers that you sign in with',
    permission: 'session:own',
    answer: [IdentityView],
    plainList: true,
  })
  list(@CurrentActor() actor: Actor): Promise<IdentityView[]> {
    return this.identities.list(actor);
  }

  @Post('identities')
  @Operation({
    summary: 'Link an identity provider',
    description:
      'Confirms a link, in the session that started it with `POST /auth/oidc/{provider}/link`, while it is freshly proven. You get a mail.',
    permission: 'session:own',
    status: 201,
    answer: IdentityView,
    idempotent: true,
    errors: ['FORBIDDEN', 'NOT_FOUND', 'ALREADY_EXISTS'],
  })
  link(@CurrentActor() actor: Actor, @Body() body: ExchangeCode, @Req() request: Request): Promise<IdentityView> {
    return this.identityLinks.link(actor, body, getDevice(request));
  }

  @Delete('identities/:id')
  @Operation({
    summary: 'Remove an identity provider and end your other sessions',
    description: `${NEEDS_FRESH_PROOF} The last way to sign in cannot be removed: choose a password first. You get a mail.`,
    permission: 'session:own',
    errors: ['NOT_FOUND', 'FORBIDDEN', 'INVALID_TRANSITION'],
  })
  async remove(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() body: ProofFields,
    @Req() request: Request,
  ): Promise<null> {
    await this.reauthentication.assertFresh(actor, body, getDevice(request));
    return this.identityLinks.remove(actor, id);
  }
}
