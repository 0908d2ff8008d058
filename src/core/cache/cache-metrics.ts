import { Counter } from 'prom-client';
import { registry } from '../metrics/registry.js';

/** Plain numbers, read at each scrape: counting must cost a hit nothing. */
class CacheRequests {
  private readonly counts = { memory: { hit: 0, miss: 0 }, redis: { hit: 0, miss: 0 } };

  constructor() {
    const { counts } = this;
    new Counter({
      name: 'careslot_cache_requests_total',
      help: 'Reads that the answer cache was asked for, by level (memory, then redis) and outcome (hit, miss)',
      labelNames: ['level', 'outcome'] as const,
      registers: [registry],
      collect() {
        this.reset();
        for (const level of ['memory', 'redis'] as const)
          for (const outcome of ['hit', 'miss'] as const) this.inc({ level, outcome }, counts[level][outcome]);
      },
    });
  }

  count(level: 'memory' | 'redis', outcome: 'hit' | 'miss'): void {
    this.counts[level][outcome] += 1;
  }
}

export const cacheRequests = new CacheRequests();
