/** An appointment that a removed doctor was to have. */
export class RemainingAppointment {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  startDateTime: Date;
  endDateTime: Date;
}

export class RemovedFromClinicView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  userId: string;
  clinicId: string;
  /** The doctor that the person was at this clinic. The doctor is now inactive: nobody can book them. */
  doctorId: string | null;
  /** The doctor's appointments that are not over, in order. They stay as they are: move or cancel them. */
  appointments: RemainingAppointment[];
}
