import { Controller, Get, Headers, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { FaqsService, type FaqView } from '../faqs/index.js';
import { languageOf } from '../stroke/index.js';
import { MobileFaqsQuery, MobileFaqView } from './faqs.dto.js';
import { ApiMobileId, MobileIdParam, type MobileId } from './mobile-id.js';
import { MobileIds } from './mobile-ids.service.js';
import { mobilePaths } from './prefixes.js';

@ApiTags('NeuroAid')
@Controller(mobilePaths('faqs'))
export class MobileFaqsController {
  constructor(
    private readonly faqs: FaqsService,
    private readonly ids: MobileIds,
  ) {}

  @Get()
  @Operation({
    summary: 'List frequently asked questions in one language',
    permission: 'public',
    bare: true,
    answer: [MobileFaqView],
    errors: ['BAD_CURSOR'],
  })
  async list(
    @Query() query: MobileFaqsQuery,
    @Headers('accept-language') acceptLanguage?: string,
  ): Promise<Page<MobileFaqView>> {
    const page = await this.faqs.list({ ...query, locale: query.locale ?? languageOf({ acceptLanguage }) });
    const numberOf = await this.ids.numbersOf(
      'faq',
      page.items.map(({ id }) => id),
    );
    return page.map((faq) => viewOf(faq, numberOf(faq.id)));
  }

  @Get(':id')
  @ApiMobileId()
  @Operation({
    summary: 'Get a frequently asked question',
    permission: 'public',
    bare: true,
    answer: MobileFaqView,
    errors: ['NOT_FOUND'],
  })
  async get(@MobileIdParam() id: MobileId): Promise<MobileFaqView> {
    const faq = await this.faqs.get(await this.ids.uuidOf('faq', id));
    return viewOf(faq, await this.ids.numberOf('faq', faq.id));
  }
}

const viewOf = ({ question, answer, locale, category }: FaqView, id: number): MobileFaqView => ({
  id,
  question,
  answer,
  locale,
  category,
});
