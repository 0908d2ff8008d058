import { manages, type Actor } from '../../core/security/actor.js';

interface Record {
  clinicId: string;
  isActive: boolean;
}

/** Everybody sees the active ones; who manages the clinic also the others. */
export const maySeeDoctor = (actor: Actor | null, { clinicId, isActive }: Record): boolean =>
  isActive || (actor !== null && manages(actor, clinicId));
