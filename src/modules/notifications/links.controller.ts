import { Controller, Get, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { RawReply } from '../../core/http/careslot-adapter.js';
import { isLocalDay } from '../../core/http/instants.js';
import { Operation } from '../../core/http/operation.js';
import { LANGUAGES } from '../../core/kernel/locale.js';
import { getDevice } from '../auth/index.js';
import { AccountLinkPages } from './account-link-pages.service.js';
import { renderLinkPage, PAGE_HEADERS } from './link-pages.js';
import { OfferPages } from './offer-pages.service.js';
import { LinksService, type LinkPage } from './links.service.js';
import { TimeLinkPages } from './time-link-pages.service.js';
import type { TimesQuery } from './times-to-choose.js';

const PAGES = {
  404: 'A page that says that this is not a link of CareSlot.',
  410: 'A page that says that the link was used before, has expired or the appointment has changed.',
};

@ApiTags('Notifications')
@Controller('links')
export class LinksController {
  constructor(
    private readonly links: LinksService,
    private readonly accountPages: AccountLinkPages,
    private readonly offerPages: OfferPages,
    private readonly timePages: TimeLinkPages,
  ) {}

  @Get(':token')
  @Operation({
    summary: 'Show the page of a link in a message; changes nothing',
    permission: 'public',
    rawContentType: 'text/html',
    otherAnswers: PAGES,
  })
  async show(@Param('token') token: string, @Req() request: Request): Promise<RawReply> {
    const page =
      (await this.accountPages.show(token)) ??
      (await this.offerPages.show(token)) ??
      (await this.timePages.show(token, toTimesQuery(request))) ??
      (await this.links.show(token));
    return toReply(request, page);
  }

  @Post(':token')
  @Operation({
    summary: 'Use a link of a message',
    description:
      'Does what the link is for: confirm, cancel, move or book again, accept or decline an offered time, verify an address, reset a ' +
      'password, accept an invitation, unsubscribe (RFC 8058). Works once, except to unsubscribe. Returns 410 if the link was used before the appointment has changed, or the offer is over.',
    // The button of the page and mail programs (RFC 8058) send a form.
    form: 'FIELDS',
    permission: 'public',
    rawContentType: 'text/html',
    otherAnswers: {
      ...PAGES,
      400: 'The page again, because the new password is too easy to guess or too long, or a field is wrong or missing.',
      409: 'A page that says that another account has the address of the invitation, or the new address; or the page with other times, because the chosen one is taken.',
      422: 'A page that says that it is too late to cancel or move online, or that the clinic must be called, and its number.',
    },
  })
  async act(@Param('token') token: string, @Req() request: Request): Promise<RawReply> {
    const read = (field: string): string => {
      const value = (request.body as Record<string, unknown>)[field];
      return typeof value === 'string' ? value : '';
    };
    const form = {
      password: read('password'),
      dateOfBirth: read('dateOfBirth'),
      email: read('email'),
      otp: read('otp'),
      device: getDevice(request),
    };
    const page =
      (await this.accountPages.act(token, form)) ??
      (await this.offerPages.act(token)) ??
      (await this.timePages.act(token, read('start'), toTimesQuery(request))) ??
      (await this.links.act(token));
    return toReply(request, page);
  }
}

/** The links of the pages with times. Other parameters, such as those that mail programs add, are ignored. */
function toTimesQuery({ query }: Request): TimesQuery {
  const from = isLocalDay(query.from) ? query.from : undefined;
  return { from, isAnyDoctor: query.doctor === 'any' };
}

function toReply(request: Request, { kind, status, facts }: LinkPage): RawReply {
  const html = renderLinkPage(kind, facts, request.acceptsLanguages(...LANGUAGES) || undefined);
  return new RawReply(html, 'text/html; charset=utf-8', PAGE_HEADERS, status);
}
