import { Injectable } from '@nestjs/common';

/** The state of background work that bookings do not need but operators must know, such as a queue or a provider. */
interface Indicator {
  /** @example notifications */
  name: string;
  /** `figures` have their units in their names. */
  read(): Promise<{ healthy: boolean; figures: Record<string, number> }>;
}

/** Registry of the indicators of all features. */
@Injectable()
export class Indicators {
  private readonly indicators: Indicator[] = [];

  /** Call in onModuleInit. */
  register(indicator: Indicator): void {
    this.indicators.push(indicator);
  }

  /** An indicator that cannot be read is not healthy. */
  async readAll(): Promise<{ name: string; healthy: boolean; figures: Record<string, number> }[]> {
    return Promise.all(
      this.indicators.map(async (indicator) => ({
        name: indicator.name,
        ...(await indicator.read().catch(() => ({ healthy: false, figures: {} }))),
      })),
    );
  }
}
