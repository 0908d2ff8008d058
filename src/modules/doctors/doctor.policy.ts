import { manages, type Actor } from '../../core/kernel/actor.js';
import { clinicsManagedBy } from '../clinics/index.js';

interface DoctorVisibility {
  clinicId: string;
  isActive: boolean;
}

/** Everyone sees active doctors; those who manage the clinic also see inactive ones. */
export const maySeeDoctor = (actor: Actor | null, { clinicId, isActive }: DoctorVisibility): boolean =>
  isActive || (actor !== null && manages(actor, clinicId));

/** Whether the actor manages no clinic and so sees the same doctors as everyone. */
export const seesActiveDoctorsOnly = (actor: Actor | null): boolean => clinicsManagedBy(actor)?.length === 0;
