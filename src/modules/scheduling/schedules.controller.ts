import { Body, Controller, Delete, Get, Post, Put, Query, type Type } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { Permission } from '../../core/security/permissions.js';
import { CreateException, ExceptionsQuery, ExceptionView, NewExceptionView, ScheduleBody } from './schedules.dto.js';
import { SchedulesService, type ScheduleOwner } from './schedules.service.js';

/** Creates a base class with the routes of a schedule. Doctors and resources have the same routes under their own paths. */
function createSchedulesController(type: ScheduleOwner['type']): Type<object> {
  // The front desk closes days of doctors; rooms and equipment are for managers.
  const closing: Permission = type === 'doctor' ? 'schedule:close' : 'schedule:write';

  @ApiTags('Schedules')
  class SchedulesController {
    constructor(private readonly schedules: SchedulesService) {}

    @Get()
    @Operation({
      summary: `Get the weekly hours of a ${type}`,
      permission: 'schedule:read',
      answer: ScheduleBody,
      errors: ['NOT_FOUND'],
    })
    get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<ScheduleBody> {
      return this.schedules.get(actor, { type, id });
    }

    @Put()
    @Operation({
      summary: 'Replace the weekly hours',
      permission: 'schedule:write',
      answer: ScheduleBody,
      errors: ['NOT_FOUND'],
    })
    replace(@CurrentActor() actor: Actor, @IdParam() id: string, @Body() body: ScheduleBody): Promise<ScheduleBody> {
      return this.schedules.replace(actor, { type, id }, body);
    }

    @Get('exceptions')
    @Operation({
      summary: 'List leave, holidays and extra hours',
      permission: 'schedule:read',
      answer: [ExceptionView],
      errors: ['NOT_FOUND', 'BAD_CURSOR'],
    })
    exceptions(
      @CurrentActor() actor: Actor,
      @IdParam() id: string,
      @Query() query: ExceptionsQuery,
    ): Promise<Page<ExceptionView>> {
      return this.schedules.listExceptions(actor, { type, id }, query);
    }

    @Post('exceptions')
    @Operation({
      summary: 'Close a range of days, or open extra hours',
      description: '`affected` lists the visits in closed time; they stay booked. Managers open extra hours.',
      permission: closing,
      status: 201,
      answer: NewExceptionView,
      idempotent: true,
      errors: ['NOT_FOUND'],
    })
    addException(
      @CurrentActor() actor: Actor,
      @IdParam() id: string,
      @Body() request: CreateException,
    ): Promise<NewExceptionView> {
      return this.schedules.addException(actor, { type, id }, request);
    }

    @Delete('exceptions/:exceptionId')
    @Operation({ summary: 'Remove an exception', permission: closing, errors: ['NOT_FOUND'] })
    removeException(
      @CurrentActor() actor: Actor,
      @IdParam() id: string,
      @IdParam('exceptionId') exceptionId: string,
    ): Promise<null> {
      return this.schedules.removeException(actor, { type, id }, exceptionId);
    }
  }
  return SchedulesController;
}

@Controller('api/v1/doctors/:id/schedule')
export class DoctorSchedulesController extends createSchedulesController('doctor') {}

@Controller('api/v1/resources/:id/schedule')
export class ResourceSchedulesController extends createSchedulesController('resource') {}
