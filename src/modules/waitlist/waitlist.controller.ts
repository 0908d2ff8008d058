import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { OffersService } from './offers.service.js';
import { JoinWaitlist, WaitlistEntryView, WaitlistQuery } from './waitlist.dto.js';
import { WaitlistService } from './waitlist.service.js';

@ApiTags('Waitlist')
@Controller('api/v1/waitlist')
export class WaitlistController {
  constructor(
    private readonly waitlist: WaitlistService,
    private readonly offers: OffersService,
  ) {}

  @Get()
  @Operation({
    summary: 'List who waits for a time',
    description:
      'Patients see their own entries, the front desk those of its clinics, in the order of arrival. `position` is the place by ' +
      'urgency and arrival.',
    permission: 'waitlist:read',
    answer: [WaitlistEntryView],
    errors: ['BAD_CURSOR', 'NOT_FOUND'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: WaitlistQuery): Promise<Page<WaitlistEntryView>> {
    return this.waitlist.list(actor, query);
  }

  @Post()
  @Operation({
    summary: 'Wait for a time',
    description:
      'A time that is freed from now on is offered to the first who fits, by urgency and arrival, and held for ' +
      '`policy.waitlistOfferMinutes`. The entry ends when the patient books the service within its days.',
    permission: 'waitlist:change',
    status: 201,
    answer: WaitlistEntryView,
    message: 'Waiting.',
    idempotent: true,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'ALREADY_EXISTS', 'INVALID_TRANSITION', 'SLOT_NOT_OFFERED'],
  })
  join(@CurrentActor() actor: Actor, @Body() request: JoinWaitlist): Promise<WaitlistEntryView> {
    return this.waitlist.join(actor, request);
  }

  @Delete(':id')
  @Operation({
    summary: 'Stop waiting',
    description: 'An open offer ends, and its time is offered to the next.',
    permission: 'waitlist:change',
    message: 'Removed.',
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  leave(@CurrentActor() actor: Actor, @IdParam() id: string, @IfMatch() version: number | null): Promise<null> {
    return this.waitlist.leave(actor, id, version);
  }

  @Post(':id/accept')
  @Operation({
    summary: 'Accept an offered time',
    description:
      'Books it: `appointmentId` is then the visit. An entry with `appointmentId` moves that visit to the offered time instead, in one ' +
      'step; its old time is free afterwards. An offer that is over: `HOLD_EXPIRED`, with `details.reason: USED` if somebody else was faster.',
    permission: 'waitlist:change',
    answer: WaitlistEntryView,
    message: 'Booked.',
    idempotent: true,
    versioned: true,
    errors: [
      'PAYMENT_REQUIRED',
      'NOT_FOUND',
      'HOLD_EXPIRED',
      'INVALID_TRANSITION',
      'APPOINTMENT_CONFLICT',
      'SLOT_NOT_OFFERED',
      'CANCELLATION_TOO_LATE',
    ],
  })
  accept(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @IfMatch() version: number | null,
  ): Promise<WaitlistEntryView> {
    return this.offers.accept(actor, id, { version });
  }

  @Post(':id/decline')
  @Operation({
    summary: 'Decline an offered time',
    description: 'The time is offered to the next. The patient waits on, and is not offered this time again.',
    permission: 'waitlist:change',
    answer: WaitlistEntryView,
    message: 'Declined.',
    versioned: true,
    errors: ['NOT_FOUND', 'HOLD_EXPIRED', 'INVALID_TRANSITION'],
  })
  decline(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @IfMatch() version: number | null,
  ): Promise<WaitlistEntryView> {
    return this.offers.decline(actor, id, { version });
  }
}
