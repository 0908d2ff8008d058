import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AccountLinksModule } from '../account-links/index.js';
import { BreakGlassController } from './break-glass.controller.js';
import { BreakGlass } from './break-glass.entity.js';
import { BreakGlassNotices } from './break-glass-notices.js';
import { BreakGlassRepository } from './break-glass.repository.js';
import { BreakGlassService } from './break-glass.service.js';

@Module({
  imports: [AccountLinksModule, TypeOrmModule.forFeature([BreakGlass])],
  controllers: [BreakGlassController],
  providers: [BreakGlassNotices, BreakGlassRepository, BreakGlassService],
  exports: [BreakGlassService],
})
export class BreakGlassModule {
  constructor(limits: RateLimits) {
    limits.define({ breakGlass: { points: 10, seconds: 60 * 60 } });
  }
}
