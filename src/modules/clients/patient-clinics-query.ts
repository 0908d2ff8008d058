import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PatientClinics, type PatientOfClinic } from '../../core/changes/patient-clinics.js';
import { Database } from '../../core/database/database.js';

/** Registers the query that lets the audit log find the clinics of patients who were read by somebody who works at several clinics. */
@Injectable()
export class PatientClinicsQuery implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly patients: PatientClinics,
  ) {}

  onModuleInit(): void {
    this.patients.register((clientIds, clinicIds) =>
      this.db.rows<PatientOfClinic>(
        `SELECT p.client_id AS "clientId", p.clinic_id AS "clinicId" FROM clinic_patient p
         WHERE p.client_id = ANY ($1::uuid[]) AND ($2::uuid[] IS NULL OR p.clinic_id = ANY ($2::uuid[]))`,
        [clientIds, clinicIds],
      ),
    );
  }
}
