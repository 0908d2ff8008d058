import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Config } from '../config/config.js';
import { VERSION } from '../kernel/version.js';
import { setErrorReporter, type ErrorReporter } from './error-reporter.js';

/** Switches error reports on if SENTRY_DSN is set. Otherwise, Sentry's SDK is not even loaded. */
@Injectable()
export class ErrorReportsService implements OnModuleInit, OnApplicationShutdown {
  private reporter: ErrorReporter | null = null;

  constructor(private readonly config: Config) {}

  async onModuleInit(): Promise<void> {
    const { SENTRY_DSN: dsn, SENTRY_ENVIRONMENT, SENTRY_RELEASE, NODE_ENV } = this.config;
    if (dsn === undefined) return;
    const { SentryReporter } = await import('./sentry.js');
    this.reporter = new SentryReporter({
      dsn,
      environment: SENTRY_ENVIRONMENT ?? NODE_ENV,
      release: SENTRY_RELEASE ?? `careslot@${VERSION}`,
    });
    setErrorReporter(this.reporter);
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.reporter) return;
    setErrorReporter(null);
    await this.reporter.stop();
  }
}
