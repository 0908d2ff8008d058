import { Controller, Get, Headers, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { FaqsService, type FaqView } from '../faqs/index.js';
import { selectLanguage } from '../stroke/index.js';
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
    const page = await this.faqs.list({ ...query, locale: query.locale ?? selectLanguage({ acceptLanguage }) });
    const getNumber = await this.ids.getNumbers(
      'faq',
      page.items.map(({ id }) => id),
    );
    return page.map((faq) => toView(faq, getNumber(faq.id)));
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
    const faq = await this.faqs.get(await this.ids.getUuid('faq', id));
    return toView(faq, await this.ids.getNumber('faq', faq.id));
  }
}

const toView = ({ question, answer, locale, category }: FaqView, id: number): MobileFaqView => ({
  id,
  question,
  answer,
  locale,
  category,
});
