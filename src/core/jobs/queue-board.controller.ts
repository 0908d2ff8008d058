import { Controller, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Operation } from '../http/operation.js';
import { CurrentActor } from '../http/validation.js';
import type { Actor } from '../kernel/actor.js';
import { QueueBoardSession, BOARD_PATH } from './queue-board-session.js';
import { QueueBoardView } from './queue-board.dto.js';

@ApiTags('Operations')
@Controller('api/v1/ops')
export class QueueBoardController {
  constructor(private readonly session: QueueBoardSession) {}

  @Post('queue-board')
  @Operation({
    summary: 'Open the queue board in this browser for 15 minutes',
    description: 'Sets a cookie that opens the board only, and only while this session lasts.',
    permission: 'ops:queues',
    answer: QueueBoardView,
  })
  open(@CurrentActor() actor: Actor, @Res({ passthrough: true }) response: Response): QueueBoardView {
    response.append('Set-Cookie', this.session.createCookie(actor));
    return { url: BOARD_PATH };
  }
}
