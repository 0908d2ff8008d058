import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AuthService } from '../auth/index.js';
import { UserView } from '../users/index.js';
import { ClaimsService } from './claims.service.js';
import { ClaimRecord } from './invitations.dto.js';

@ApiTags('Auth')
@Controller('api/v1/auth/claims')
export class ClaimsController {
  constructor(
    private readonly claims: ClaimsService,
    private readonly auth: AuthService,
    private readonly limits: RateLimits,
  ) {}

  @Post()
  @Operation({
    summary: 'Claim the patient record that a clinic created with your address',
    description: `Your address must be verified. If you have visits of your own, both records are joined; \`clientId\` of the response
      is the record's id from now on, also for access tokens in use. If no record has the address, or several have it, the response is
      404: then only the front desk can help.`,
    permission: 'client:claim',
    answer: UserView,
    errors: ['EMAIL_NOT_VERIFIED', 'NOT_FOUND', 'APPOINTMENT_CONFLICT'],
  })
  async claim(@CurrentActor() actor: Actor, @Body() { dateOfBirth }: ClaimRecord): Promise<UserView> {
    await this.limits.consume('claimUser', actor.userId);
    await this.claims.claim(actor, dateOfBirth);
    return this.auth.getUser(actor.userId);
  }
}
