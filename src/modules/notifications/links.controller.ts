import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RawReply } from '../../core/http/careslot-adapter.js';
import { Operation } from '../../core/http/operation.js';
import { linkPage, PAGE_HEADERS } from './link-pages.js';
import { LinksService, type LinkAnswer } from './links.service.js';

@ApiTags('Notifications')
@Controller('links')
export class LinksController {
  constructor(private readonly links: LinksService) {}

  @Get(':token')
  @Operation({
    summary: 'The page behind a link of a message; changes nothing',
    permission: 'public',
    rawContentType: 'text/html',
  })
  async show(@Param('token') token: string): Promise<RawReply> {
    return pageOf(await this.links.show(token));
  }

  @Post(':token')
  @Operation({
    summary: 'Confirm, cancel or unsubscribe, as the link says (RFC 8058 too)',
    description: 'Good once: 410 when it was used or the visit is no more what it was.',
    permission: 'public',
    rawContentType: 'text/html',
  })
  async act(@Param('token') token: string): Promise<RawReply> {
    return pageOf(await this.links.act(token));
  }
}

const pageOf = ({ kind, status, facts }: LinkAnswer): RawReply =>
  new RawReply(linkPage(kind, facts), 'text/html; charset=utf-8', PAGE_HEADERS, status);
