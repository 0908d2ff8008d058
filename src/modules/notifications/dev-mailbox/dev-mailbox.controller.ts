import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RawReply } from '../../../core/http/careslot-adapter.js';
import { LoopbackGuard } from '../../../core/http/loopback.guard.js';
import { Operation } from '../../../core/http/operation.js';
import { IdParam } from '../../../core/http/validation.js';
import { notFound } from '../../../core/kernel/domain-error.js';
import { DevMailQuery, DevMailView } from './dev-mailbox.dto.js';
import { DevMailbox } from './dev-mailbox.js';
import { listPage, messagePage } from './dev-mailbox.pages.js';

/** Scripts and external files are blocked. The styles of messages are inline. */
const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
};
const htmlReply = (html: string): RawReply => new RawReply(html, 'text/html; charset=utf-8', PAGE_HEADERS);

/** The mailbox of development and tests, for callers on this machine. In production these routes do not exist. */
@ApiTags('Development')
@UseGuards(LoopbackGuard)
@Controller('dev')
export class DevMailboxController {
  constructor(private readonly mailbox: DevMailbox) {}

  @Get('mail')
  @Operation({
    summary: 'Show the mailbox as a page (not in production)',
    permission: 'public',
    rawContentType: 'text/html',
    errors: ['NOT_FOUND'],
  })
  async list(@Query() query: DevMailQuery): Promise<RawReply> {
    return htmlReply(listPage(await this.mailbox.list(query)));
  }

  @Get('mail.json')
  @Operation({
    summary: 'List the newest 200 messages of the mailbox (not in production)',
    permission: 'public',
    answer: [DevMailView],
    plainList: true,
    errors: ['NOT_FOUND'],
  })
  json(@Query() query: DevMailQuery): Promise<DevMailView[]> {
    return this.mailbox.list(query);
  }

  @Get('mail/:id')
  @Operation({
    summary: 'Show a message as a page (not in production)',
    permission: 'public',
    rawContentType: 'text/html',
    errors: ['NOT_FOUND'],
  })
  async show(@IdParam() id: string): Promise<RawReply> {
    return htmlReply(messagePage(await this.find(id)));
  }

  @Get('mail/:id/invite.ics')
  @Operation({
    summary: 'Get the calendar file of a message (not in production)',
    permission: 'public',
    rawContentType: 'text/calendar',
    errors: ['NOT_FOUND'],
  })
  async calendar(@IdParam() id: string): Promise<RawReply> {
    const { calendar } = await this.find(id);
    if (!calendar) throw notFound();
    return new RawReply(calendar, 'text/calendar; charset=utf-8', {
      'Content-Disposition': 'attachment; filename="invite.ics"',
    });
  }

  private async find(id: string): Promise<DevMailView> {
    const message = await this.mailbox.get(id);
    if (!message) throw notFound();
    return message;
  }
}
