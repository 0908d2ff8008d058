import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { MergeClients, UnmergeClients, UnmergedClientsView } from './client-merges.dto.js';
import { ClientView, PossibleDuplicate } from './clients.dto.js';
import { DuplicatesService } from './duplicates.service.js';

@ApiTags('Clients')
@Controller('api/v1/clients')
export class ClientMergesController {
  constructor(private readonly duplicates: DuplicatesService) {}

  @Get(':id/duplicates')
  @Operation({
    summary: 'List possible duplicates of a patient record',
    description:
      'Patients of your clinics who may be the same person, most likely first, at most 10. The request is audited.',
    permission: 'client:merge',
    answer: [PossibleDuplicate],
    plainList: true,
    errors: ['NOT_FOUND'],
  })
  list(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<PossibleDuplicate[]> {
    return this.duplicates.list(actor, id);
  }

  @Post(':id/merge')
  @Operation({
    summary: 'Merge another record of the same patient into this one',
    description: `Moves visits, scans, assessments and messages. This record's values stay; gaps are filled. Refused with
      \`details.overlaps\` if both have visits at the same time.`,
    permission: 'client:merge',
    answer: ClientView,
    versioned: true,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'APPOINTMENT_CONFLICT'],
  })
  merge(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() { duplicateId }: MergeClients,
    @IfMatch() version: number | null,
  ): Promise<ClientView> {
    return this.duplicates.merge(actor, id, duplicateId.toLowerCase(), version);
  }

  @Post(':id/unmerge')
  @Operation({
    summary: 'Undo the last merge into a patient record',
    description: `Both records have their rows and values again. What was created or changed after the merge stays with this
      record. \`details.reason\` of INVALID_TRANSITION: \`NOT_MERGED\`, \`NOT_NEWEST\`, \`NOT_KEPT\`.`,
    permission: 'client:merge',
    answer: UnmergedClientsView,
    versioned: true,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'INVALID_TRANSITION', 'EMAIL_TAKEN'],
  })
  unmerge(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() { duplicateId }: UnmergeClients,
    @IfMatch() version: number | null,
  ): Promise<UnmergedClientsView> {
    return this.duplicates.unmerge(actor, id, duplicateId?.toLowerCase() ?? null, version);
  }
}
