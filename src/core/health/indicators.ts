import { Injectable } from '@nestjs/common';

/** Something that bookings do not need and that ops must hear of: a queue that lags, a provider that fails. */
export interface Indicator {
  /** @example notifications */
  name: string;
  /** Plain figures with their units in their names; `healthy` says whether they are as they should be. */
  read(): Promise<{ healthy: boolean; figures: Record<string, number> }>;
}

/** Where features say how their background work is doing. */
@Injectable()
export class Indicators {
  private readonly indicators: Indicator[] = [];

  /** Call in onModuleInit. */
  register(indicator: Indicator): void {
    this.indicators.push(indicator);
  }

  /** One that can't be read is not healthy. */
  async readAll(): Promise<{ name: string; healthy: boolean; figures: Record<string, number> }[]> {
    return Promise.all(
      this.indicators.map(async (indicator) => ({
        name: indicator.name,
        ...(await indicator.read().catch(() => ({ healthy: false, figures: {} }))),
      })),
    );
  }
}
