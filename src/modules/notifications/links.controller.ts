import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RawReply } from '../../core/http/careslot-adapter.js';
import { Operation } from '../../core/http/operation.js';
import { AccountLinksService } from './account-links.service.js';
import { linkPage, PAGE_HEADERS } from './link-pages.js';
import { LinksService, type LinkAnswer } from './links.service.js';

const LINK_ANSWERS = {
  404: 'This is not a link of ours: a page that says so.',
  410: 'The link was used, or the visit has changed since: a page that says so.',
};

@ApiTags('Notifications')
@Controller('links')
export class LinksController {
  constructor(
    private readonly links: LinksService,
    private readonly accounts: AccountLinksService,
  ) {}

  @Get(':token')
  @Operation({
    summary: 'Show the page of a link in a message; changes nothing',
    permission: 'public',
    rawContentType: 'text/html',
    otherAnswers: LINK_ANSWERS,
  })
  async show(@Param('token') token: string): Promise<RawReply> {
    return toReply((await this.accounts.show(token)) ?? (await this.links.show(token)));
  }

  @Post(':token')
  @Operation({
    summary: 'Do what the link of a message is for: confirm, cancel, verify an address, unsubscribe (RFC 8058)',
    description: 'Works once: 410 if it was used or the appointment has changed since.',
    // The page's button and mail programs (RFC 8058) post a form.
    form: 'DISCARDED',
    permission: 'public',
    rawContentType: 'text/html',
    otherAnswers: { ...LINK_ANSWERS, 422: 'It is too late to do this online: a page that says whom to call.' },
  })
  async act(@Param('token') token: string): Promise<RawReply> {
    return toReply((await this.accounts.act(token)) ?? (await this.links.act(token)));
  }
}

const toReply = ({ kind, status, facts }: LinkAnswer): RawReply =>
  new RawReply(linkPage(kind, facts), 'text/html; charset=utf-8', PAGE_HEADERS, status);
