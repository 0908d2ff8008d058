import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RateLimits } from '../../core/security/rate-limits.js';
import { Consent } from './consent.entity.js';
import { ConsentsController } from './consents.controller.js';
import { ConsentsRepository } from './consents.repository.js';
import { ConsentsService } from './consents.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Consent])],
  controllers: [ConsentsController],
  providers: [ConsentsRepository, ConsentsService],
})
export class ConsentsModule {
  constructor(limits: RateLimits) {
    limits.define({ consents: { points: 300, seconds: 60 * 60 } });
  }
}
