import { Body, Controller, Get, Post, Req, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Operation } from '../../../core/http/operation.js';
import { CurrentActor, IdParam } from '../../../core/http/validation.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { SignedInView } from '../auth.dto.js';
import { getDevice } from '../device.js';
import type { SignedIn } from '../session-tokens.js';
import { SignedInInterceptor } from '../signed-in.interceptor.js';
import {
  EnableMfa,
  MfaSetupView,
  MfaStateView,
  NEEDS_FRESH_PROOF,
  ProofFields,
  RecoveryCodesView,
  VerifyPendingSignIn,
} from './mfa.dto.js';
import { MfaService } from './mfa.service.js';
import { PendingSignIns } from './pending-sign-ins.js';
import { ReauthenticationService } from './reauthentication.service.js';

@ApiTags('Auth')
@Controller('api/v1')
export class MfaController {
  constructor(
    private readonly mfa: MfaService,
    private readonly reauthentication: ReauthenticationService,
    private readonly pending: PendingSignIns,
  ) {}

  @Get('auth/mfa')
  @Operation({
    summary: 'Get the state of your second factor',
    permission: 'session:own',
    allowsMissingMfa: true,
    answer: MfaStateView,
  })
  getState(@CurrentActor() actor: Actor): Promise<MfaStateView> {
    return this.mfa.getState(actor);
  }

  @Post('auth/mfa/setup')
  @Operation({
    summary: 'Create the secret of a second factor',
    description: `${NEEDS_FRESH_PROOF} Proof in the body also counts for the next ten minutes. Repeat to start again. Sign-in changes with \`POST /auth/mfa/enable\`.`,
    permission: 'session:own',
    allowsMissingMfa: true,
    answer: MfaSetupView,
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  })
  async setUp(@CurrentActor() actor: Actor, @Body() body: ProofFields, @Req() request: Request): Promise<MfaSetupView> {
    await this.reauthentication.assertFreshAndMarkProven(actor, body, getDevice(request));
    return this.mfa.setUp(actor);
  }

  @Post('auth/mfa/enable')
  @Operation({
    summary: 'Switch the second factor on and end your other sessions',
    description: `${NEEDS_FRESH_PROOF} Here \`otp\` is a code of the new secret.`,
    permission: 'session:own',
    allowsMissingMfa: true,
    answer: RecoveryCodesView,
    errors: ['FORBIDDEN', 'MFA_INVALID', 'INVALID_TRANSITION'],
  })
  async enable(
    @CurrentActor() actor: Actor,
    @Body() { otp, password }: EnableMfa,
    @Req() request: Request,
  ): Promise<RecoveryCodesView> {
    await this.reauthentication.assertFresh(actor, { password }, getDevice(request));
    return this.mfa.enable(actor, otp);
  }

  @Post('auth/mfa/disable')
  @Operation({
    summary: 'Switch the second factor off and end your other sessions',
    description: NEEDS_FRESH_PROOF,
    permission: 'session:own',
    allowsMissingMfa: true,
    errors: ['FORBIDDEN', 'INVALID_TRANSITION'],
  })
  async disable(@CurrentActor() actor: Actor, @Body() body: ProofFields, @Req() request: Request): Promise<null> {
    await this.reauthentication.assertFresh(actor, body, getDevice(request));
    return this.mfa.disable(actor);
  }

  @Post('auth/mfa/recovery-codes')
  @Operation({
    summary: 'Replace your recovery codes',
    description: NEEDS_FRESH_PROOF,
    permission: 'session:own',
    allowsMissingMfa: true,
    answer: RecoveryCodesView,
    errors: ['FORBIDDEN', 'INVALID_TRANSITION'],
  })
  async renewRecoveryCodes(
    @CurrentActor() actor: Actor,
    @Body() body: ProofFields,
    @Req() request: Request,
  ): Promise<RecoveryCodesView> {
    await this.reauthentication.assertFresh(actor, body, getDevice(request));
    return this.mfa.renewRecoveryCodes(actor);
  }

  @Post('auth/mfa/verify')
  @Operation({
    summary: 'Finish a sign-in with the code of the second factor',
    description: 'Requires the `pendingToken` of a sign-in at an identity provider. It works once, for five minutes.',
    permission: 'public',
    answer: SignedInView,
    errors: ['UNAUTHENTICATED', 'MFA_INVALID'],
  })
  @UseInterceptors(SignedInInterceptor)
  verify(@Body() { pendingToken, otp }: VerifyPendingSignIn, @Req() request: Request): Promise<SignedIn> {
    return this.pending.verify(pendingToken, otp, getDevice(request));
  }

  @Post('users/:id/mfa/reset')
  @Operation({
    summary: 'Switch off the second factor of somebody who lost their device',
    description: `${NEEDS_FRESH_PROOF} Ends the person's sessions.`,
    permission: 'user:manage',
    errors: ['NOT_FOUND', 'FORBIDDEN', 'INVALID_TRANSITION'],
  })
  async reset(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() body: ProofFields,
    @Req() request: Request,
  ): Promise<null> {
    // The permission is checked first, so that the response for an unknown user does not depend on the proof.
    await this.mfa.assertMayReset(actor, id);
    await this.reauthentication.assertFresh(actor, body, getDevice(request));
    return this.mfa.reset(actor, id);
  }
}
