import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { GuardianAccess } from '../clients/index.js';
import { CreateReferral, ReferralsQuery, ReferralView } from './referrals.dto.js';
import { ReferralsService } from './referrals.service.js';

@ApiTags('Appointments')
@Controller('api/v1/referrals')
export class ReferralsController {
  constructor(
    private readonly referrals: ReferralsService,
    private readonly guardians: GuardianAccess,
  ) {}

  @Get()
  @Operation({
    summary: 'List referrals',
    description:
      'Patients see their own, doctors those that they made, that are for them and those of their patients, the front desk those of ' +
      'its clinics. A list is one entry of the audit log.',
    permission: 'referral:read',
    answer: [ReferralView],
    errors: ['BAD_CURSOR'],
  })
  async list(@CurrentActor() actor: Actor, @Query() query: ReferralsQuery): Promise<Page<ReferralView>> {
    const childId = query.clientId?.toLowerCase();
    const isGuardian = childId !== undefined && (await this.guardians.mayActFor(actor, childId));
    return this.referrals.list(actor, isGuardian ? { ...actor, clientId: childId } : actor, query);
  }

  @Post()
  @Operation({
    summary: 'Refer a patient to a service',
    description:
      'A ticket to book the service once (`referralId`), for a visit on a day of its window; also a service that can only be booked ' +
      'with one (`requiresReferral`). With `afterMonths`, a review: its window begins so many months after a visit.',
    permission: 'referral:write',
    status: 201,
    answer: ReferralView,
    message: 'Referred.',
    idempotent: true,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  })
  create(@CurrentActor() actor: Actor, @Body() request: CreateReferral): Promise<ReferralView> {
    return this.referrals.create(actor, request);
  }

  @Delete(':id')
  @Operation({
    summary: 'Withdraw a referral that was not used',
    permission: 'referral:write',
    errors: ['NOT_FOUND', 'IN_USE'],
  })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.referrals.remove(actor, id);
  }
}
