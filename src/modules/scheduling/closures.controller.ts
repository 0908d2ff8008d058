import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ClosureView, CreateClosure, NewClosureView } from './closures.dto.js';
import { ClosuresService } from './closures.service.js';
import { ExceptionsQuery } from './schedules.dto.js';

@ApiTags('Clinics')
@Controller('api/v1/clinics/:id/closures')
export class ClosuresController {
  constructor(private readonly closures: ClosuresService) {}

  @Get()
  @Operation({
    summary: 'List the days on which a clinic is closed',
    permission: 'public',
    answer: [ClosureView],
    errors: ['NOT_FOUND', 'BAD_CURSOR'],
  })
  list(@IdParam() id: string, @Query() query: ExceptionsQuery): Promise<Page<ClosureView>> {
    return this.closures.list(id, query);
  }

  @Post()
  @Operation({
    summary: 'Close a clinic for a range of days',
    description:
      '`affected` lists the visits in the closed time; they stay booked: `POST /appointments/bulk` cancels or moves them.',
    permission: 'clinic:write',
    status: 201,
    answer: NewClosureView,
    idempotent: true,
    errors: ['NOT_FOUND'],
  })
  add(@CurrentActor() actor: Actor, @IdParam() id: string, @Body() request: CreateClosure): Promise<NewClosureView> {
    return this.closures.add(actor, id, request);
  }

  @Delete(':closureId')
  @Operation({ summary: 'Open a closed clinic again', permission: 'clinic:write', errors: ['NOT_FOUND'] })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string, @IdParam('closureId') closureId: string): Promise<null> {
    return this.closures.remove(actor, id, closureId);
  }
}
