import { Controller, Get, Headers, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { FaqsService, FaqView } from '../faqs/index.js';
import { languageOf } from '../stroke/index.js';
import { MobileFaqsQuery } from './faqs.dto.js';

@ApiTags('NeuroAid')
@Controller('api/faqs')
export class MobileFaqsController {
  constructor(private readonly faqs: FaqsService) {}

  @Get()
  @Operation({
    summary: 'Frequently asked questions in one language, in order or by words',
    permission: 'public',
    bare: true,
    answer: [FaqView],
    errors: ['BAD_CURSOR'],
  })
  list(@Query() query: MobileFaqsQuery, @Headers('accept-language') acceptLanguage?: string): Promise<Page<FaqView>> {
    return this.faqs.list({ ...query, locale: query.locale ?? languageOf({ acceptLanguage }) });
  }
}
