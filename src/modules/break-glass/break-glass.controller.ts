import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { BreakGlassQuery, BreakGlassView, OpenBreakGlass } from './break-glass.dto.js';
import { BreakGlassService } from './break-glass.service.js';

@ApiTags('Privacy')
@Controller('api/v1')
export class BreakGlassController {
  constructor(
    private readonly accesses: BreakGlassService,
    private readonly limits: RateLimits,
  ) {}

  @Post('clients/:id/break-glass')
  @Operation({
    summary: 'Open the record of somebody who is not your patient, in an emergency',
    description: `For an hour you can read \`GET /clients/:id\` and the patient's appointments with notes, but change nothing. The
      reason is stored encrypted. The access is audited, and the managers of your clinics and the patient are notified. Guardians are not.`,
    permission: 'client:break-glass',
    status: 201,
    answer: BreakGlassView,
    idempotent: true,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'RATE_LIMITED'],
  })
  async open(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() { reason }: OpenBreakGlass,
  ): Promise<BreakGlassView> {
    await this.limits.consume('breakGlass', actor.userId);
    return this.accesses.open(actor, id, reason);
  }

  @Get('break-glass')
  @Operation({
    summary: 'List emergency accesses to patient records',
    description:
      'Patients see the accesses to their own record, without names. Managers see those by people of their clinics.',
    permission: 'break-glass:read',
    answer: [BreakGlassView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: BreakGlassQuery): Promise<Page<BreakGlassView>> {
    return this.accesses.list(actor, query);
  }
}
