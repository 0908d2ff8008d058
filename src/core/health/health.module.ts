import { Global, Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { Indicators } from './indicators.js';

@Global()
@Module({
  controllers: [HealthController],
  providers: [HealthService, Indicators],
  exports: [HealthService, Indicators],
})
export class HealthModule {}
