import { Injectable } from '@nestjs/common';
import { AppointmentStatusService } from '../appointments/index.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { ErasureRepository } from './erasure.repository.js';
import type { Person } from './people.repository.js';

/** Cancels the future visits of a person who is erased, which tells the clinic and frees the time. */
@Injectable()
export class FutureVisits {
  constructor(
    private readonly erasures: ErasureRepository,
    private readonly status: AppointmentStatusService,
  ) {}

  /** Runs in the caller's transaction. The patient counts as the one who cancels; no cut-off applies. */
  async cancel({ userId, clientId }: Person, now: Date): Promise<void> {
    if (!clientId) return;
    const patient = { userId, clientId, role: 'CLIENT', sessionId: NIL_ID, doctorId: null, clinicIds: [] } as const;
    await this.erasures.deleteVisitTexts(clientId);
    for (const id of await this.erasures.findUpcoming(clientId, now))
      await this.status.cancelForClosedAccount(patient, id);
  }
}
