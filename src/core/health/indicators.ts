import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { MetricSources } from '../metrics/metric-sources.js';
import { registry } from '../metrics/registry.js';

/** The state of background work that bookings do not need but operators must know, such as a queue or a provider. */
interface Indicator {
  /** @example notifications */
  name: string;
  /** `figures` have their units in their names. */
  read(): Promise<{ healthy: boolean; figures: Record<string, number> }>;
  /** The gauges of its figures, by the figure's name. Without one, a figure is only in `careslot_background`. */
  gauges?: Readonly<Record<string, Gauge>>;
}

const background = new Gauge({
  name: 'careslot_background',
  help: 'All figures of the health report, such as the lag of notifications in seconds',
  labelNames: ['indicator', 'figure'] as const,
  aggregator: 'max',
  registers: [registry],
});

/** Registry of the indicators of all features. */
@Injectable()
export class Indicators {
  private readonly indicators: Indicator[] = [];

  constructor(private readonly sources: MetricSources) {}

  /** Call in onModuleInit. */
  register(indicator: Indicator): void {
    this.indicators.push(indicator);
    const { name, gauges = {} } = indicator;
    const figureNames = new Set<string>();
    this.sources.register({
      name,
      read: async () => {
        for (const [figure, value] of Object.entries((await indicator.read()).figures)) {
          figureNames.add(figure);
          background.set({ indicator: name, figure }, value);
          gauges[figure]?.set(value);
        }
      },
      clear: () => {
        for (const figure of figureNames) background.remove({ indicator: name, figure });
        for (const gauge of Object.values(gauges)) gauge.remove();
      },
    });
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
