import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { QueueChangesService } from './queue-changes.service.js';
import {
  AddWalkIn,
  CallPatient,
  MoveInQueue,
  QueueBoardQuery,
  WaitingRoomView,
  QueueEntryView,
  QueueQuery,
  WalkInView,
  type SentQueueEntry,
  type SentWalkIn,
} from './queue.dto.js';
import { QueueService } from './queue.service.js';
import { WalkInsService } from './walk-ins.service.js';

@ApiTags('Queue')
@Controller('api/v1/queue')
export class QueueController {
  constructor(
    private readonly queue: QueueService,
    private readonly walkIns: WalkInsService,
    private readonly changes: QueueChangesService,
  ) {}

  @Get()
  @Operation({
    summary: 'List the day’s queue of a clinic',
    description:
      'Who is in the room, called, waiting (in their order) and done, on the clinic’s current day. A DOCTOR sees who the patient ' +
      'is only for patients of their own. The request is audited.',
    permission: 'queue:read',
    answer: [QueueEntryView],
    plainList: true,
    errors: ['NOT_FOUND'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: QueueQuery): Promise<SentQueueEntry[]> {
    return this.queue.list(actor, query);
  }

  @Get('board')
  @Operation({
    summary: 'Get the board of the waiting room',
    description: 'Numbers, rooms and waiting times of the current day, without anything that tells who a patient is.',
    permission: 'queue:board',
    answer: WaitingRoomView,
    errors: ['NOT_FOUND'],
  })
  board(@CurrentActor() actor: Actor, @Query() query: QueueBoardQuery): Promise<WaitingRoomView> {
    return this.queue.getBoard(actor, query);
  }

  @Post('walk-ins')
  @Operation({
    summary: 'Add a patient without an appointment',
    description:
      'Books the next free time of today and checks the patient in; with `withSlot: false` the patient waits for a gap. If no ' +
      'time is free: `SLOT_NOT_OFFERED` with `details.reason: FULL`. A DOCTOR adds patients of their own to their own queue.',
    permission: 'queue:manage',
    status: 201,
    answer: WalkInView,
    message: 'Added.',
    idempotent: true,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'SLOT_NOT_OFFERED', 'ALREADY_EXISTS', 'EMAIL_TAKEN'],
  })
  add(@CurrentActor() actor: Actor, @Body() request: AddWalkIn): Promise<SentWalkIn> {
    return this.walkIns.add(actor, request);
  }

  @Post(':id/call')
  @Operation({
    summary: 'Call a waiting patient',
    description:
      'A walk-in who waits for a gap gets an appointment that starts now; if the doctor, the patient or a room is reserved ' +
      'before it would end: `APPOINTMENT_CONFLICT`, and the patient waits on.',
    permission: 'queue:manage',
    answer: QueueEntryView,
    message: 'Called.',
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION', 'APPOINTMENT_CONFLICT'],
  })
  call(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() request: CallPatient,
    @IfMatch() version: number | null,
  ): Promise<SentQueueEntry> {
    return this.changes.call(actor, id, request, version);
  }

  @Post(':id/move')
  @Operation({
    summary: 'Move a waiting patient in the queue',
    description: 'The move is audited; the front desk and the doctor see the reason.',
    permission: 'queue:manage',
    answer: QueueEntryView,
    message: 'Moved.',
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  move(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() request: MoveInQueue,
    @IfMatch() version: number | null,
  ): Promise<SentQueueEntry> {
    return this.changes.move(actor, id, request, version);
  }

  @Delete(':id')
  @Operation({
    summary: 'Remove a walk-in who has left',
    description: 'Only one who waits for a gap. Cancel the appointment of others, or mark it as a no-show.',
    permission: 'queue:manage',
    message: 'Removed.',
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string, @IfMatch() version: number | null): Promise<null> {
    return this.changes.remove(actor, id, version);
  }
}
