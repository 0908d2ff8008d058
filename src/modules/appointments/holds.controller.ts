import { Body, Controller, Delete, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { HoldSlot, HoldView } from './holds.dto.js';
import { GuardianAccess } from '../clients/index.js';
import { HoldsService } from './holds.service.js';

@ApiTags('Appointments')
@Controller('api/v1/holds')
export class HoldsController {
  constructor(
    private readonly holds: HoldsService,
    private readonly guardians: GuardianAccess,
  ) {}

  @Post()
  @Operation({
    summary: 'Hold a time',
    description:
      'Keeps the time for `policy.holdMinutes`, for everybody as if it were booked. Book it with `holdId` before ' +
      '`expiresAt`. A patient can hold at most three slots at the same time; more: `SLOT_NOT_OFFERED` with `details.reason: TOO_MANY_HOLDS`. The ' +
      'front desk can leave out the patient.',
    permission: 'appointment:book',
    status: 201,
    answer: HoldView,
    message: 'Held.',
    idempotent: 'STORED_BY_USE_CASE',
    errors: ['NOT_FOUND', 'APPOINTMENT_CONFLICT', 'SLOT_NOT_OFFERED'],
  })
  async hold(@CurrentActor() actor: Actor, @Body() request: HoldSlot): Promise<HoldView> {
    return this.holds.hold(await this.guardians.actFor(actor, request.clientId), request);
  }

  @Delete(':id')
  @Operation({
    summary: 'Release a held time',
    permission: 'appointment:book',
    errors: ['NOT_FOUND'],
  })
  async release(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    const clientId = await this.holds.findPatient(id);
    return this.holds.release(await this.guardians.actFor(actor, clientId ?? undefined), id);
  }
}
