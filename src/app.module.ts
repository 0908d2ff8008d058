import { Module, type DynamicModule } from '@nestjs/common';
import type { Config } from './core/config/config.js';
import { CoreModule } from './core/core.module.js';
import type { Clock } from './core/kernel/clock.js';

/** The only list of features. */
@Module({})
export class AppModule {
  static forRoot(config: Config, clock?: Clock): DynamicModule {
    return { module: AppModule, imports: [CoreModule.forRoot(config, clock)] };
  }
}
