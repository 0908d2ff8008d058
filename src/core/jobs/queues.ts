/** Every queue. One for each kind of work, so that slow work of one kind never holds up another. */
export const QUEUES = ['reminders', 'deliveries', 'scan-analysis'] as const;

export type QueueName = (typeof QUEUES)[number];

/**
 * A kind of background work. Its table in PostgreSQL is the truth: what is due, what was claimed, what is done. Bull
 * only says when to look, so everything may be lost from Redis, come twice, or come late.
 */
export interface JobKind {
  name: QueueName;
  /** Ids of what is due by the database's clock and not claimed: at most some hundreds; the rest comes next time. */
  due(): Promise<string[]>;
  /**
   * Claims by compare-and-set, does the work and marks it. Must be safe to run twice, also at the same time. Long work
   * stops early when the process is to end (`stopping`): what is left stays due.
   */
  run(id: string, stopping: AbortSignal): Promise<void>;
  /** Ids that one process works on at a time; 1 unless said. */
  concurrency?: number;
}
