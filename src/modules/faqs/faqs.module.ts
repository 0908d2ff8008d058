import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Faq } from './faq.entity.js';
import { FaqsController } from './faqs.controller.js';
import { FaqsRepository } from './faqs.repository.js';
import { FaqMatcher } from './matching/faq-matcher.js';
import { FaqsService } from './faqs.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Faq])],
  controllers: [FaqsController],
  providers: [FaqsService, FaqsRepository, FaqMatcher],
  exports: [FaqsService],
})
export class FaqsModule {}
