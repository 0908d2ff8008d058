import { Injectable } from '@nestjs/common';

/** A patient of a clinic. */
export interface PatientOfClinic {
  clientId: string;
  clinicId: string;
}

/** @param clinicIds null for all clinics */
type FindClinics = (clientIds: readonly string[], clinicIds: readonly string[] | null) => Promise<PatientOfClinic[]>;

/** Finds the clinics of patients, for audit rows. The feature with the patients registers how: core knows no feature. */
@Injectable()
export class PatientClinics {
  private findClinics: FindClinics = () => Promise.resolve([]);

  /** Call in onModuleInit. */
  register(find: FindClinics): void {
    this.findClinics = find;
  }

  find(clientIds: readonly string[], clinicIds: readonly string[] | null): Promise<PatientOfClinic[]> {
    return clientIds.length === 0 ? Promise.resolve([]) : this.findClinics(clientIds, clinicIds);
  }
}
