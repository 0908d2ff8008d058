import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RawReply } from '../../core/http/careslot-adapter.js';
import { Operation } from '../../core/http/operation.js';
import { AccountLinkPages } from './account-link-pages.service.js';
import { renderLinkPage, PAGE_HEADERS } from './link-pages.js';
import { LinksService, type LinkPage } from './links.service.js';

const PAGES = {
  404: 'A page that says that this is not a link of CareSlot.',
  410: 'A page that says that the link was used before or the appointment has changed.',
};

@ApiTags('Notifications')
@Controller('links')
export class LinksController {
  constructor(
    private readonly links: LinksService,
    private readonly accountPages: AccountLinkPages,
  ) {}

  @Get(':token')
  @Operation({
    summary: 'Show the page of a link in a message; changes nothing',
    permission: 'public',
    rawContentType: 'text/html',
    otherAnswers: PAGES,
  })
  async show(@Param('token') token: string): Promise<RawReply> {
    return toReply((await this.accountPages.show(token)) ?? (await this.links.show(token)));
  }

  @Post(':token')
  @Operation({
    summary: 'Do what the link of a message is for: confirm, cancel, verify an address, unsubscribe (RFC 8058)',
    description:
      'Works once, except to unsubscribe. Returns 410 if the link was used before or the appointment has changed.',
    // The button of the page and mail programs (RFC 8058) send a form.
    form: 'DISCARDED',
    permission: 'public',
    rawContentType: 'text/html',
    otherAnswers: { ...PAGES, 422: 'A page that says that it is too late to cancel online, and whom to call.' },
  })
  async act(@Param('token') token: string): Promise<RawReply> {
    return toReply((await this.accountPages.act(token)) ?? (await this.links.act(token)));
  }
}

const toReply = ({ kind, status, facts }: LinkPage): RawReply =>
  new RawReply(renderLinkPage(kind, facts), 'text/html; charset=utf-8', PAGE_HEADERS, status);
