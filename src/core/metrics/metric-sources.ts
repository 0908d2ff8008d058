import { Injectable } from '@nestjs/common';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge } from 'prom-client';
import { registry } from './registry.js';

/** Scrapes within this time get the same figures. */
const MAX_AGE_MILLISECONDS = 1_000;
/** How long a scrape waits for a source. The database and Redis may take longer to fail. */
const MAX_WAIT_MILLISECONDS = 1_000;

/** Figures that are read at a scrape from the database or Redis. */
export interface MetricSource {
  /** A label of metrics. @example outbox */
  name: string;
  /** Reads the figures with bounded queries, and sets gauges. */
  read(): Promise<void>;
  /** Called if the figures cannot be read in time: removes them, so that no old figure is shown as current. */
  clear(): void;
}

interface State {
  source: MetricSource;
  /** Whether the read succeeded; null before the first scrape. */
  result: Promise<boolean> | null;
  /** When the read ended. Infinity while it runs. */
  endedAt: number;
}

const sourceUp = new Gauge({
  name: 'careslot_metric_source_up',
  help: 'Whether the figures of a source could be read at the last scrape (1) or not (0)',
  labelNames: ['source'] as const,
  aggregator: 'min',
  registers: [registry],
});

/** Registry of what is read at a scrape. A scrape never waits longer than a second for it. */
@Injectable()
export class MetricSources {
  private readonly states: State[] = [];

  /** Call in onModuleInit. */
  register(source: MetricSource): void {
    this.states.push({ source, result: null, endedAt: -Infinity });
  }

  /** Reads all sources at the same time, each at most once a second and never twice at once. */
  async readAll(): Promise<void> {
    const deadline = new AbortController();
    const tooLate = sleep(MAX_WAIT_MILLISECONDS, false, { signal: deadline.signal }).catch(() => false);
    await Promise.all(this.states.map((state) => this.readOne(state, tooLate)));
    deadline.abort();
  }

  private async readOne(state: State, tooLate: Promise<boolean>): Promise<void> {
    if (!state.result || performance.now() - state.endedAt > MAX_AGE_MILLISECONDS) start(state);
    const isRead = await Promise.race([state.result, tooLate]);
    if (!isRead) state.source.clear();
    sourceUp.set({ source: state.source.name }, isRead ? 1 : 0);
  }
}

function start(state: State): void {
  state.endedAt = Infinity;
  state.result = state.source.read().then(
    () => end(state, true),
    () => end(state, false),
  );
}

function end(state: State, isRead: boolean): boolean {
  state.endedAt = performance.now();
  return isRead;
}
