import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import {
  InboxQuery,
  LogQuery,
  NotificationLogView,
  NotificationView,
  SendNotification,
  SentNotificationsView,
} from './notifications.dto.js';
import { NotificationsService } from './notifications.service.js';

@ApiTags('Notifications')
@Controller('api/v1/notifications')
export class NotificationsController {
  constructor(private readonly notifications: NotificationsService) {}

  @Get()
  @Operation({
    summary: 'List your inbox, newest first',
    permission: 'notification:own',
    answer: [NotificationView],
    errors: ['BAD_CURSOR'],
  })
  inbox(@CurrentActor() actor: Actor, @Query() query: InboxQuery): Promise<Page<NotificationView>> {
    return this.notifications.inbox(actor, query);
  }

  @Post()
  @Operation({
    summary: 'Send a message to patients of your clinic',
    description:
      'Sends to all of the clients or to none. The inbox always gets the message; the other channels get it if they are requested.',
    permission: 'notification:send',
    status: 201,
    answer: SentNotificationsView,
    message: 'On its way.',
    idempotent: true,
  })
  send(@CurrentActor() actor: Actor, @Body() request: SendNotification): Promise<SentNotificationsView> {
    return this.notifications.send(actor, request);
  }

  @Get('log')
  @Operation({
    summary: 'List the messages of your clinics, newest first',
    permission: 'notification:log',
    answer: [NotificationLogView],
    errors: ['BAD_CURSOR'],
  })
  log(@CurrentActor() actor: Actor, @Query() query: LogQuery): Promise<Page<NotificationLogView>> {
    return this.notifications.log(actor, query);
  }

  @Post(':id/read')
  @Operation({
    summary: 'Mark a message as read',
    permission: 'notification:own',
    answer: NotificationView,
    errors: ['NOT_FOUND'],
  })
  markRead(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<NotificationView> {
    return this.notifications.markRead(actor, id);
  }

  @Post(':id/replay')
  @Operation({
    summary: 'Retry a message that failed',
    permission: 'notification:send',
    answer: NotificationLogView,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  replay(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<NotificationLogView> {
    return this.notifications.replay(actor, id);
  }
}
