import { Global, Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { HealthReport } from './health-report.js';
import { HealthService } from './health.service.js';
import { Indicators } from './indicators.js';
import { MetricSources } from '../metrics/metric-sources.js';

@Global()
@Module({
  controllers: [HealthController],
  providers: [HealthService, HealthReport, Indicators, MetricSources],
  exports: [HealthService, HealthReport, Indicators, MetricSources],
})
export class HealthModule {}
