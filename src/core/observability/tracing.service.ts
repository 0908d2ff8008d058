import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { VERSION } from '../kernel/version.js';
import { setTracer, type Tracer } from '../tracing/tracing.js';

/** Switches tracing on if OTEL_EXPORTER_OTLP_ENDPOINT is set. Otherwise, OpenTelemetry is not even loaded. */
@Injectable()
export class TracingService implements OnModuleInit, OnApplicationShutdown {
  private tracer: Tracer | null = null;

  constructor(
    private readonly config: Config,
    private readonly db: Database,
  ) {}

  async onModuleInit(): Promise<void> {
    const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME, NODE_ENV } = this.config;
    if (endpoint === undefined) return;
    const { OpenTelemetryTracer } = await import('./open-telemetry.js');
    this.tracer = new OpenTelemetryTracer({
      endpoint,
      headers: this.config.OTEL_EXPORTER_OTLP_HEADERS,
      resource: {
        'deployment.environment.name': NODE_ENV,
        ...this.config.OTEL_RESOURCE_ATTRIBUTES,
        'service.name': OTEL_SERVICE_NAME,
        'service.version': VERSION,
      },
      sampler: this.config.OTEL_TRACES_SAMPLER,
      samplerRatio: this.config.OTEL_TRACES_SAMPLER_ARG,
    });
    this.db.traceRepositories();
    setTracer(this.tracer);
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.tracer) return;
    setTracer(null);
    await this.tracer.stop();
  }
}
