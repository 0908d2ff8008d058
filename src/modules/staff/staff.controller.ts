import { Controller, Delete } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { RemovedFromClinicView } from './staff.dto.js';
import { StaffService } from './staff.service.js';

@ApiTags('Users')
@Controller('api/v1/users')
export class StaffController {
  constructor(private readonly staff: StaffService) {}

  @Delete(':id/clinics/:clinicId')
  @Operation({
    summary: 'Remove a person from a clinic',
    description: `The person keeps their other clinics. Access tokens lose the clinic at once. If the person was a doctor of the
      clinic, or has no clinic left, their sessions end. Their doctor becomes inactive, so that nobody can book them; the
      appointments stay, and the response lists them.`,
    permission: 'user:manage',
    answer: RemovedFromClinicView,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  })
  remove(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @IdParam('clinicId') clinicId: string,
  ): Promise<RemovedFromClinicView> {
    return this.staff.remove(actor, id, clinicId);
  }
}
