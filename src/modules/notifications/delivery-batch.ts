import { performance } from 'node:perf_hooks';
import type { AppointmentDetailsRepository, AppointmentDetails } from '../appointments/index.js';
import { isUpcoming } from './deliverability.js';
import { LEASE_SECONDS, type DeliveriesRepository, type Delivery } from './deliveries.repository.js';

const RENEW_EVERY_MILLISECONDS = 1_000;
/** A lease counts as ended this long before its end. */
const SAFETY_MARGIN_MILLISECONDS = 500;
/** Appointments are read again when they are older than this, so that a change is respected soon after it was made. */
const MAX_AGE_MILLISECONDS = 500;

/**
 * Keeps the deliveries of a batch claimed while this process runs and reaches the database. The lease is short, so that
 * another process soon takes over the deliveries of a process that died.
 */
export class DeliveryLease {
  private readonly held: Map<string, Delivery>;
  private readonly lost = new Set<string>();
  private readonly timer: NodeJS.Timeout;
  private endsAt: number;

  /** @param claimedAt `performance.now()` before the claim: in the database the lease starts before the response arrives */
  constructor(
    private readonly deliveries: Pick<DeliveriesRepository, 'renew'>,
    batch: readonly Delivery[],
    claimedAt: number,
  ) {
    this.endsAt = claimedAt + LEASE_SECONDS * 1000;
    this.held = new Map(batch.map((delivery) => [delivery.id, delivery]));
    this.timer = setInterval(() => void this.renew(), RENEW_EVERY_MILLISECONDS).unref();
  }

  /** Returns false if another process may have claimed the delivery. */
  holds({ id }: Delivery): boolean {
    return this.held.has(id) && !this.lost.has(id) && performance.now() < this.endsAt - SAFETY_MARGIN_MILLISECONDS;
  }

  /** Call it when the result is saved: that ends the lease in the database. */
  release({ id }: Delivery): void {
    this.held.delete(id);
  }

  end(): void {
    clearInterval(this.timer);
  }

  private async renew(): Promise<void> {
    const startedAt = performance.now();
    const renewed = await this.deliveries.renew([...this.held.values()]).catch(() => null);
    // If the database was not reached, the lease runs out, and `holds` returns false.
    if (!renewed) return;
    this.endsAt = startedAt + LEASE_SECONDS * 1000;
    // One whose result is being saved is not renewed: it counts as lost, and nothing more is sent for it.
    const stillHeld = new Set(renewed);
    for (const id of this.held.keys()) if (!stillHeld.has(id)) this.lost.add(id);
  }
}

/** The appointment of a delivery. */
export interface DeliveredAppointment extends AppointmentDetails {
  /** If the delivery is about several appointments: those of which it is still true, ascending by start, this one first. */
  together?: AppointmentDetails[];
}

/** The appointments of a batch. All are read in one query. */
export class AppointmentCache {
  private readonly ids: string[];
  private loaded: Promise<Map<string, AppointmentDetails>> | null = null;
  private loadedAt = -Infinity;

  constructor(
    private readonly appointments: AppointmentDetailsRepository,
    batch: readonly Delivery[],
  ) {
    const ids = batch.flatMap(({ appointmentId, appointmentIds }) => [appointmentId, ...appointmentIds]);
    this.ids = [...new Set(ids.filter((id) => id !== null))];
  }

  /** @returns undefined if the delivery has no appointment, or the appointment was deleted */
  async get(delivery: Delivery): Promise<DeliveredAppointment | undefined> {
    const { appointmentId, appointmentIds } = delivery;
    if (appointmentId === null) return undefined;
    if (!this.loaded || performance.now() - this.loadedAt > MAX_AGE_MILLISECONDS) {
      this.loadedAt = performance.now();
      this.loaded = this.load();
    }
    const loaded = await this.loaded;
    const found = appointmentIds.flatMap((id) => loaded.get(id) ?? []);
    const together = found.filter((one) => isStillTrue(delivery, one));
    const [first, second] = together.sort((a, b) => a.startAt.getTime() - b.startAt.getTime());
    if (!first) return loaded.get(appointmentId);
    return second ? { ...first, together } : first;
  }

  private async load(): Promise<Map<string, AppointmentDetails>> {
    const appointments = await this.appointments.find(this.ids);
    return new Map(appointments.map((appointment) => [appointment.id, appointment]));
  }
}

/**
 * The version of an appointment at which a notice about several is about it.
 * @returns Infinity if it was not stored: an older release created the delivery
 */
function getNoticedVersion({ appointmentIds, appointmentVersions }: Delivery, appointmentId: string): number {
  return appointmentVersions[appointmentIds.indexOf(appointmentId)] ?? Infinity;
}

/** Whether a notice about several appointments is still true of one of them. One that was moved again has a notice of its own. */
function isStillTrue(delivery: Delivery, appointment: AppointmentDetails): boolean {
  if (delivery.kind === 'APPOINTMENT_CANCELLED') return appointment.status === 'CANCELLED';
  const isMovedAgain = appointment.scheduleVersion > getNoticedVersion(delivery, appointment.id);
  return isUpcoming(appointment) && appointment.startAt > delivery.now && !isMovedAgain;
}
