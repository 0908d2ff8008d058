import { Injectable } from '@nestjs/common';
import { invalid, type DomainError } from '../../core/kernel/domain-error.js';
import {
  AlternativesService,
  OfferService,
  areNeeded,
  atAnyHour,
  pickResources,
  rangeOf,
  viewOf,
  withBuffers,
  type Offer,
} from '../scheduling/index.js';
import type { Appointment } from './appointment.entity.js';
import type { Actor } from '../../core/security/actor.js';
import { appointmentConflict, type ConflictingWith } from './appointment.errors.js';
import type { AppointmentView } from './appointments.dto.js';
import { ReservationsRepository, type Claim, type NewAppointment } from './reservations.repository.js';

/** What an appointment shall take. */
export interface Wish {
  offer: Offer;
  doctorId: string;
  doctorResourceId: string;
  clientId: string;
  start: number;
  /** Rooms or equipment that were asked for; the rest is picked. */
  resourceIds: string[];
  /** The desk's word goes over the hours of rooms and equipment, too. */
  overrideHours: boolean;
}

/** What could not be had, to find other times for. */
interface Missed {
  serviceId: string;
  doctorId: string;
  clientId: string;
  start: number;
  resourceIds: string[];
  /** Other times by the rules of the desk, which books outside of notice and horizon. */
  forDesk: boolean;
}

/** A place in a group session; the rooms are those of the session, null for the first who comes. */
export interface Seat {
  number: number;
  resourceIds: string[] | null;
}

const MOST_PICKS = 20;
const ALTERNATIVES_WITHIN = 15 * 86_400_000;

/**
 * Turns a wish into claims that the database has accepted. Inside the caller's transaction: a collision throws, and
 * the rollback leaves everything as it was.
 */
@Injectable()
export class ClaimService {
  constructor(
    private readonly reservations: ReservationsRepository,
    private readonly offers: OfferService,
    private readonly alternatives: AlternativesService,
  ) {}

  /** Writes a new appointment and claims all that it needs. */
  async book(actor: Actor, appointment: NewAppointment, wish: Wish): Promise<AppointmentView> {
    const seat = appointment.groupId ? await this.seatIn(appointment.groupId, wish, appointment.id) : null;
    const resourceIds = seat?.resourceIds ?? this.pick(wish);
    const booked = { ...appointment, resourceIds, seat: seat?.number ?? null };
    const claims = claimsOf(wish, booked.id, booked.groupId, resourceIds);
    const { view, had } = await this.reservations.book(actor, booked, claims);
    const lost = lostOf(claims, had);
    if (lost.length === 0) return view;
    const picked = await this.pickAgain(booked, 1, wish, resourceIds, lost);
    await this.reservations.setResources(view.id, picked);
    return { ...view, resourceIds: picked };
  }

  /**
   * Claims what a moved appointment needs, beside what it has: its own old claims are of the same group and do not
   * stand in its way. @returns the rooms and equipment it has now
   */
  async move(
    appointment: { id: string; groupId: string | null },
    version: number,
    wish: Wish,
    session: Seat | null,
    own: ReadonlySet<string>,
  ): Promise<string[]> {
    const resourceIds = session?.resourceIds ?? this.pick(wish, own);
    const claims = claimsOf(wish, appointment.id, appointment.groupId, resourceIds);
    const had = await this.reservations.claim(appointment.id, version, claims);
    const lost = lostOf(claims, had);
    if (lost.length === 0) return resourceIds;
    return this.pickAgain(appointment, version, wish, resourceIds, lost);
  }

  /**
   * Reserves again all that an appointment held before it was cancelled, missed or completed. @param version of the new rows
   * @throws DomainError APPOINTMENT_CONFLICT where something else has the time now
   */
  async reserveAgain(appointment: Appointment, version: number): Promise<void> {
    const { id, clientId, doctorId, serviceId, groupId } = appointment;
    const start = appointment.startAt.getTime();
    const missed = { serviceId, doctorId, clientId, start, resourceIds: [], forDesk: true };
    if (!(await this.reservations.holdDoctor(doctorId))) throw this.conflict('DOCTOR', missed);
    let planned = await this.reservations.planned(id);
    if (groupId) {
      await this.reservations.lockGroup(groupId);
      const taken = await this.reservations.takenSeats(groupId, id);
      if (taken.length >= (await this.reservations.capacityOf(serviceId))) throw this.conflict('DOCTOR', missed);
      appointment.seat = firstFree(taken);
      // The session may have moved to other rooms while this seat was away.
      appointment.resourceIds = taken[0]?.resourceIds ?? appointment.resourceIds;
      planned = inRooms(planned, appointment.resourceIds);
    }
    const lost = lostOf(planned, await this.reservations.claim(id, version, planned));
    if (lost.length > 0) throw this.conflict(worstOf(lost), missed);
    await this.reservations.releaseBefore(id, version);
  }

  /** The seat is counted under a lock of the session, and a unique index stands behind it. */
  async seatIn(groupId: string, wish: Wish, appointmentId: string): Promise<Seat> {
    await this.reservations.lockGroup(groupId);
    const taken = await this.reservations.takenSeats(groupId, appointmentId);
    if (taken.length >= wish.offer.capacity) throw this.collision('DOCTOR', wish);
    const rooms = taken[0]?.resourceIds ?? null;
    if (rooms && !wish.resourceIds.every((id) => rooms.includes(id))) throw this.collision('RESOURCE', wish);
    return { number: firstFree(taken), resourceIds: rooms };
  }

  private pick(wish: Wish, own: ReadonlySet<string> = new Set()): string[] {
    const { resourceIds, start } = wish;
    if (!areNeeded(wish.offer, resourceIds)) {
      throw invalid({
        field: 'resourceIds',
        error: 'must be rooms or equipment that the service needs, no more of them',
      });
    }
    const offer = own.size > 0 ? withoutOwn(wish.offer, own) : wish.offer;
    const range = rangeOf(offer, start);
    const picked =
      pickResources(offer, resourceIds, range) ??
      (wish.overrideHours ? pickResources(atAnyHour(offer), resourceIds, range) : null);
    if (!picked) throw this.collision('RESOURCE', wish);
    return picked;
  }

  /** Another booking was quicker with a picked room: another room, while there is one. */
  private async pickAgain(
    appointment: { id: string; groupId: string | null },
    version: number,
    wish: Wish,
    tried: string[],
    lost: Claim[],
  ): Promise<string[]> {
    let offer = wish.offer;
    let failed = lost;
    for (let attempt = 0; attempt < MOST_PICKS; attempt += 1) {
      const kind = worstOf(failed);
      const isPicked = kind === 'RESOURCE' && failed.every(({ resourceId }) => !wish.resourceIds.includes(resourceId));
      if (!isPicked) throw this.collision(kind, wish);
      const gone = new Set(failed.map(({ resourceId }) => resourceId));
      offer = { ...offer, resources: offer.resources.filter(({ id }) => !gone.has(id)) };
      const resourceIds = this.pick({ ...wish, offer });
      const claims = claimsOf(wish, appointment.id, appointment.groupId, resourceIds);
      await this.reservations.undo(appointment.id, version);
      failed = lostOf(claims, await this.reservations.claim(appointment.id, version, claims));
      if (failed.length === 0) return resourceIds;
    }
    throw this.collision('RESOURCE', wish);
  }

  /** What the appointment itself keeps busy at the wished time. */
  async heldBy(appointmentId: string, wish: Wish): Promise<ReadonlySet<string>> {
    return new Set(
      await this.reservations.resourcesOf(appointmentId, withBuffers(wish.offer, rangeOf(wish.offer, wish.start))),
    );
  }

  /** What is seen to be taken need not be tried. The database decides over what is not seen. */
  assertNotTaken(wish: Wish): void {
    const doctor = wish.offer.resources.find(({ id }) => id === wish.doctorResourceId);
    if (doctor && this.offers.isTaken(wish.offer, doctor, wish.start)) throw this.collision('DOCTOR', wish);
  }

  private collision(kind: ConflictingWith, { offer, overrideHours, ...wish }: Wish): DomainError {
    return this.conflict(kind, { ...wish, serviceId: offer.serviceId, forDesk: overrideHours });
  }

  private conflict(kind: ConflictingWith, missed: Missed): DomainError {
    return appointmentConflict(kind, async () => {
      const { clientId, start, ...wanted } = missed;
      const near = { start: start - ALTERNATIVES_WITHIN, end: start + ALTERNATIVES_WITHIN };
      const clientBusy = await this.reservations.busyOf(clientId, near);
      return (await this.alternatives.find({ ...wanted, wanted: start, clientBusy })).map(viewOf);
    });
  }
}

/** The client is claimed for the visit alone; doctor and rooms with the service's buffers. */
function claimsOf(wish: Wish, appointmentId: string, groupId: string | null, resourceIds: string[]): Claim[] {
  const visit = rangeOf(wish.offer, wish.start);
  const during = withBuffers(wish.offer, visit);
  const shared = groupId ?? appointmentId;
  return [
    { resourceId: wish.doctorResourceId, kind: 'DOCTOR', groupId: shared, during },
    { resourceId: wish.clientId, kind: 'CLIENT', groupId: appointmentId, during: visit },
    ...resourceIds.map((resourceId): Claim => ({ resourceId, kind: 'RESOURCE', groupId: shared, during })),
  ];
}

function firstFree(taken: { seat: number }[]): number {
  const seats = new Set(taken.map(({ seat }) => seat));
  let number = 1;
  while (seats.has(number)) number += 1;
  return number;
}

/** The same claims, with these rooms and machines in the place of those that were held. */
function inRooms(claims: Claim[], resourceIds: string[]): Claim[] {
  const shared = claims.find(({ kind }) => kind === 'DOCTOR');
  if (!shared) return claims;
  const others = claims.filter(({ kind }) => kind !== 'RESOURCE');
  return [...others, ...resourceIds.map((resourceId): Claim => ({ ...shared, resourceId, kind: 'RESOURCE' }))];
}

const lostOf = (claims: Claim[], had: string[]): Claim[] =>
  claims.filter(({ resourceId }) => !had.includes(resourceId));

/** What to tell the caller, where several things collided at once. */
function worstOf(lost: Claim[]): ConflictingWith {
  const kinds = new Set(lost.map(({ kind }) => kind));
  return kinds.has('DOCTOR') ? 'DOCTOR' : kinds.has('CLIENT') ? 'CLIENT' : 'RESOURCE';
}

/** The rooms that the appointment itself keeps busy are free to it. */
function withoutOwn(offer: Offer, own: ReadonlySet<string>): Offer {
  return {
    ...offer,
    resources: offer.resources.map((resource) => (own.has(resource.id) ? { ...resource, busy: [] } : resource)),
  };
}
