import { performance } from 'node:perf_hooks';
import type { AppointmentFacts, FactsOfAppointment } from '../appointments/index.js';
import type { Delivery } from './deliveries.repository.js';

/** What was cancelled or moved so long ago is not reminded of, also where the message was claimed before. */
const FRESH_MILLISECONDS = 500;

/** The appointments of a batch, read together, and again when they have grown old. */
export class FreshFacts {
  private readonly ids: string[];
  private facts: Promise<Map<string, FactsOfAppointment>> | null = null;
  private readAt = -Infinity;

  constructor(
    private readonly appointments: AppointmentFacts,
    batch: readonly Delivery[],
  ) {
    this.ids = [...new Set(batch.map(({ appointmentId }) => appointmentId).filter((id) => id !== null))];
  }

  async of({ appointmentId }: Delivery): Promise<FactsOfAppointment | undefined> {
    if (appointmentId === null) return undefined;
    if (!this.facts || performance.now() - this.readAt > FRESH_MILLISECONDS) {
      this.readAt = performance.now();
      this.facts = this.read();
    }
    return (await this.facts).get(appointmentId);
  }

  private async read(): Promise<Map<string, FactsOfAppointment>> {
    const facts = await this.appointments.of(this.ids);
    return new Map(facts.map((fact) => [fact.id, fact]));
  }
}
