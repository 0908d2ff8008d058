import { manages, type Actor } from '../../core/security/actor.js';

interface Record {
  clinicId: string;
  isActive: boolean;
}

/** Everybody sees the active ones; who manages the clinic also the others. */
export const maySeeDoctor = (actor: Actor | null, { clinicId, isActive }: Record): boolean =>
  isActive || (actor !== null && manages(actor, clinicId));

/** Gets the same answers as everyone who manages no clinic. */
export const seesActiveDoctorsOnly = (actor: Actor | null): boolean =>
  actor === null || (actor.role !== 'ADMIN' && actor.role !== 'MANAGER');
