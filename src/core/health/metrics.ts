import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export const registry = new Registry();

collectDefaultMetrics({ register: registry });

const httpDuration = new Histogram({
  name: 'careslot_http_request_duration_seconds',
  help: 'Time from the first byte read to the answer written, by route',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  registers: [registry],
});

export const chatAnswers = new Counter({
  name: 'careslot_chat_answers_total',
  help: 'Answers of the chat, by source and by what came of asking the model',
  labelNames: ['source', 'why'] as const,
  registers: [registry],
});

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

export const background = new Gauge({
  name: 'careslot_background',
  help: 'Figures of the background work, such as the lag of notifications in seconds',
  labelNames: ['indicator', 'figure'] as const,
  registers: [registry],
});

export const scanFilesSwept = new Counter({
  name: 'careslot_scan_files_swept_total',
  help: 'Found by the sweep of scans: bytes without a row (orphan), of unfinished uploads (leftover), rows without bytes (missing)',
  labelNames: ['outcome'] as const,
  registers: [registry],
});

const DATABASE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const connectionHold = new Histogram({
  name: 'careslot_db_connection_hold_seconds',
  help: 'Time from a connection being taken from the pool to it being given back, by route or background task',
  labelNames: ['use_case'] as const,
  buckets: DATABASE_BUCKETS,
  registers: [registry],
});

const connectionWait = new Histogram({
  name: 'careslot_db_connection_wait_seconds',
  help: 'Time that a use case waited for a connection of the pool',
  buckets: DATABASE_BUCKETS,
  registers: [registry],
});

const holds = new Map<string, ReturnType<typeof connectionHold.labels>>();

/** @param useCase null: no route and no named task, such as start-up, sockets and probes */
export function observeConnectionHold(useCase: string | null, seconds: number): void {
  const label = useCase ?? 'other';
  let child = holds.get(label);
  if (!child) holds.set(label, (child = connectionHold.labels({ use_case: label })));
  child.observe(seconds);
}

export const observeConnectionWait = (seconds: number): void => connectionWait.observe(seconds);

type Child = ReturnType<typeof httpDuration.labels>;
const children = new Map<string, Child>();

/** Looking the labels up costs more than counting, so each combination is kept. */
export function observeHttp(method: string, route: string, status: number, seconds: number): void {
  const key = `${method} ${route} ${status}`;
  let child = children.get(key);
  if (!child) {
    child = httpDuration.labels({ method, route, status });
    children.set(key, child);
  }
  child.observe(seconds);
}

/** Set by the outbox of this process; asked at each scrape. */
let backlog: (() => Promise<{ lagSeconds: number; unpublished: number; parked: number }>) | null = null;

export function onScrape(read: typeof backlog): void {
  backlog = read;
}

const unpublished = new Gauge({
  name: 'careslot_outbox_unpublished',
  help: 'Committed events that are not published yet',
  registers: [registry],
});
const parked = new Gauge({
  name: 'careslot_outbox_parked',
  help: 'Events that failed too often and wait for an operator',
  registers: [registry],
});
new Gauge({
  name: 'careslot_outbox_lag_seconds',
  help: 'Age of the oldest event that is not published and not parked',
  registers: [registry],
  async collect() {
    const now = await backlog?.().catch(() => null);
    if (!now) return;
    this.set(now.lagSeconds);
    unpublished.set(now.unpublished);
    parked.set(now.parked);
  },
});

const publishedAfter = new Histogram({
  name: 'careslot_commit_to_emit_seconds',
  help: 'Time from a change to its event being handed to the sockets',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
  registers: [registry],
});

export const observePublished = (seconds: number): void => publishedAfter.observe(Math.max(seconds, 0));

const sockets = new Gauge({
  name: 'careslot_sockets',
  help: 'Sockets connected to this process',
  registers: [registry],
});

export const countSocket = (change: 1 | -1): void => sockets.inc(change);
