import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AnswerCache, type CachedReply } from '../../core/cache/answer-cache.js';
import { Operation } from '../../core/http/operation.js';
import { IdParam, IfMatch } from '../../core/http/validation.js';
import { ChangeFaq, CreateFaq, FaqsQuery, FaqView } from './faqs.dto.js';
import { FaqsService } from './faqs.service.js';

@ApiTags('FAQs')
@Controller('api/v1/faqs')
export class FaqsController {
  constructor(
    private readonly faqs: FaqsService,
    private readonly cache: AnswerCache,
  ) {
    cache.invalidateOnChange('faq');
  }

  @Get()
  @Operation({
    summary: 'List frequently asked questions',
    permission: 'public',
    answer: [FaqView],
    errors: ['BAD_CURSOR'],
  })
  list(@Query() query: FaqsQuery): CachedReply {
    const key = this.cache.toKey('faqs', query);
    return this.cache.answer({ key, scope: 'faq', load: () => this.faqs.list(query) });
  }

  @Get(':id')
  @Operation({
    summary: 'Get a question with its answer',
    permission: 'public',
    answer: FaqView,
    errors: ['NOT_FOUND'],
  })
  get(@IdParam() id: string): CachedReply {
    return this.cache.answer({ key: `faq ${id}`, scope: 'faq', load: () => this.faqs.get(id) });
  }

  @Post()
  @Operation({
    summary: 'Add a question with its answer',
    permission: 'faq:write',
    status: 201,
    answer: FaqView,
    idempotent: true,
    errors: ['ALREADY_EXISTS'],
  })
  create(@Body() request: CreateFaq): Promise<FaqView> {
    return this.faqs.create(request);
  }

  @Put(':id')
  @Operation({
    summary: 'Change a question or its answer',
    permission: 'faq:write',
    answer: FaqView,
    versioned: true,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  })
  change(@IdParam() id: string, @Body() request: ChangeFaq, @IfMatch() version: number | null): Promise<FaqView> {
    return this.faqs.change(id, request, version);
  }

  @Delete(':id')
  @Operation({ summary: 'Delete a question', permission: 'faq:write', versioned: true, errors: ['NOT_FOUND'] })
  remove(@IdParam() id: string, @IfMatch() version: number | null): Promise<null> {
    return this.faqs.remove(id, version);
  }
}
