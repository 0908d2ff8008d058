import { Injectable } from '@nestjs/common';

/** The queue of the periodic tasks. */
export const MAINTENANCE_QUEUE = 'maintenance';

/** A task at a fixed interval, such as deleting expired rows. */
export interface PeriodicTask {
  /** The name of its jobs. @example delete-old-sessions */
  name: string;
  everySeconds: number;
  /** Usually only one process runs it, but running it twice must be harmless. */
  run(): Promise<unknown>;
}

/**
 * The periodic tasks of all features. They are Bull's repeatable jobs: one process of all runs each of them, and they wait
 * while Redis is away. A task that must not wait for Redis uses `@Interval` of @nestjs/schedule instead.
 */
@Injectable()
export class MaintenanceScheduler {
  private readonly byName = new Map<string, PeriodicTask>();

  /** Call in onModuleInit. */
  register(task: PeriodicTask): void {
    this.byName.set(task.name, task);
  }

  get tasks(): PeriodicTask[] {
    return [...this.byName.values()];
  }

  find(name: string): PeriodicTask | undefined {
    return this.byName.get(name);
  }
}
