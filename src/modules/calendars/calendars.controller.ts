import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { RawReply } from '../../core/http/careslot-adapter.js';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { CalendarFeedsService } from './calendar-feeds.service.js';
import { calendarReply } from './calendar-reply.js';
import { CalendarFeedsQuery, CalendarFeedView, CreateCalendarFeed } from './calendars.dto.js';
import { FeedContentService } from './feed-content.service.js';

@ApiTags('Calendars')
@Controller('api/v1/calendars')
export class CalendarsController {
  constructor(
    private readonly feeds: CalendarFeedsService,
    private readonly content: FeedContentService,
    private readonly limits: RateLimits,
  ) {}

  @Get()
  @Operation({
    summary: 'List calendar feeds, newest first',
    description: 'Your own, those of you as a doctor, and for the front desk those of the doctors of its clinics.',
    permission: 'calendar:manage',
    answer: [CalendarFeedView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: CalendarFeedsQuery): Promise<Page<CalendarFeedView>> {
    return this.feeds.list(actor, query);
  }

  @Post()
  @Operation({
    summary: 'Create a calendar feed',
    description:
      'Its secret link works without signing in, until it is revoked or its maker loses the account, the role or the clinic. Patients ' +
      'get their own visits, doctors theirs, and the front desk those of `doctorId`. Patients are shown by initials, unless the doctor ' +
      'asks for `FULL`.',
    permission: 'calendar:manage',
    status: 201,
    answer: CalendarFeedView,
    message: 'Store the link now: it is not shown again.',
    idempotent: 'STORED_BY_USE_CASE',
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  })
  @ApiBody({ type: CreateCalendarFeed, required: false })
  async create(@CurrentActor() actor: Actor, @Body() body: CreateCalendarFeed): Promise<CalendarFeedView> {
    await this.limits.consume('calendarFeedCreation', actor.userId);
    return this.feeds.create(actor, body);
  }

  @Delete(':id')
  @Operation({
    summary: 'Revoke a calendar feed',
    description: 'The link stops working at once.',
    permission: 'calendar:manage',
    errors: ['NOT_FOUND'],
  })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.feeds.remove(actor, id);
  }

  @Get(':token.ics')
  @Operation({
    summary: 'Get a calendar feed by its secret link',
    description:
      'RFC 5545, for calendar programs. Has the visits of the last 30 days and all later ones; cancelled ones for 30 days.',
    permission: 'public',
    rawContentType: 'text/calendar',
    otherAnswers: { 304: 'No appointment has changed since the given ETag.' },
    errors: ['NOT_FOUND'],
  })
  async read(@Param('token') token: string): Promise<RawReply> {
    const feed = await this.content.find(token);
    await this.limits.consume('calendarFeed', feed.id);
    return calendarReply(await this.content.read(feed), 'careslot.ics');
  }
}
