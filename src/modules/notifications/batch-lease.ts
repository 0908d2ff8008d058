import { performance } from 'node:perf_hooks';
import { LEASE_SECONDS, type DeliveriesRepository, type Delivery } from './deliveries.repository.js';

const RENEW_EACH_MILLISECONDS = 1_000;
/** So long before its end a lease is not relied on any more. */
const MARGIN_MILLISECONDS = 500;

/**
 * Keeps the claimed messages of a batch with the process that sends them, as long as it lives and reaches the database. The
 * lease is short so that those of a process that died go out soon.
 */
export class BatchLease {
  private readonly held: Map<string, Delivery>;
  private readonly timer: NodeJS.Timeout;
  private endsAt = performance.now() + LEASE_SECONDS * 1000;

  constructor(
    private readonly deliveries: DeliveriesRepository,
    batch: readonly Delivery[],
  ) {
    this.held = new Map(batch.map((delivery) => [delivery.id, delivery]));
    this.timer = setInterval(() => void this.renew(), RENEW_EACH_MILLISECONDS).unref();
  }

  /** Whether nobody else can have taken the message meanwhile. */
  holds({ id }: Delivery): boolean {
    return this.held.has(id) && performance.now() < this.endsAt - MARGIN_MILLISECONDS;
  }

  /** The message was sent, or goes back: its mark ends the lease. */
  release({ id }: Delivery): void {
    this.held.delete(id);
  }

  end(): void {
    clearInterval(this.timer);
  }

  private async renew(): Promise<void> {
    const startedAt = performance.now();
    const renewed = await this.deliveries.renew([...this.held.values()]).catch(() => null);
    // Not renewed: nothing more is begun once the lease has run out.
    if (!renewed) return;
    this.endsAt = startedAt + LEASE_SECONDS * 1000;
    const own = new Set(renewed);
    for (const id of this.held.keys()) if (!own.has(id)) this.held.delete(id);
  }
}
