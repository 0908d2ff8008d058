import { Global, Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { HealthReport } from './health-report.js';
import { HealthService } from './health.service.js';
import { Indicators } from './indicators.js';

@Global()
@Module({
  controllers: [HealthController],
  providers: [HealthService, HealthReport, Indicators],
  exports: [HealthService, HealthReport, Indicators],
})
export class HealthModule {}
