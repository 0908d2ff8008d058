import { Injectable } from '@nestjs/common';
import { forbidden, invalid, notFound } from '../../../core/kernel/domain-error.js';
import type { Actor } from '../../../core/kernel/actor.js';
import type { PatientRecord } from '../dicom/patient.js';
import type { UploadScan } from '../scans.dto.js';
import { ScansRepository } from '../scans.repository.js';

/** Decides for which patient a user may upload images. */
@Injectable()
export class UploadAccess {
  constructor(private readonly scans: ScansRepository) {}

  /** @throws DomainError NOT_FOUND for a patient to whom the caller has no access */
  async getPatient(actor: Actor, fields: UploadScan): Promise<PatientRecord & { clientId: string }> {
    const clientId = getClientId(actor, fields);
    const hasAccess =
      actor.role === 'CLIENT'
        ? clientId === actor.clientId
        : actor.role === 'DOCTOR'
          ? await this.scans.treats(actor.doctorId, clientId)
          : await this.scans.isClientOf(actor.clinicIds, clientId);
    const patient = hasAccess ? await this.scans.findPatient(clientId) : null;
    if (!patient) throw notFound();
    return { ...patient, clientId };
  }
}

function getClientId(actor: Actor, { clientId }: UploadScan): string {
  const id = clientId?.toLowerCase() ?? actor.clientId;
  if (id) return id;
  if (actor.role === 'CLIENT') throw forbidden();
  throw invalid({ field: 'clientId', error: 'must name the patient' });
}
