import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { forbidden, invalid } from '../../core/kernel/domain-error.js';
import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { PatientAccounts } from '../users/index.js';
import { applyRecord, assertDateOfBirth, toClinicRecord } from './client-record.js';
import type { ClientView, CreateClient, PossibleDuplicate, RegisteredClientView } from './clients.dto.js';
import { ClientsRepository } from './clients.repository.js';
import { clinicsToRead } from './clinic-scope.js';

/** Registers patients at the front desk. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly db: Database,
    private readonly clients: ClientsRepository,
    private readonly accounts: PatientAccounts,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Creates the record and account of a patient without a password. The patient gets an invitation (see modules/invitations).
   * Possible duplicates do not prevent it: the answer lists them.
   */
  async register(actor: Actor, request: CreateClient): Promise<RegisteredClientView> {
    assertDateOfBirth(request, this.clock.now());
    const clinicId = request.clinicId?.toLowerCase() ?? (actor.clinicIds.length === 1 ? actor.clinicIds[0] : undefined);
    if (!clinicId)
      throw invalid({ field: 'clinicId', error: 'is required, because you work at several clinics or none' });
    if (!worksAtFrontDesk(actor, clinicId)) throw forbidden('You do not work at this clinic.');
    return this.db.transaction(async () => {
      const id = await this.insert(request, clinicId);
      const view = await this.clients.find(id, [clinicId]);
      if (!view) throw new Error(`the new record ${id} is not found`);
      await this.changes.record({
        action: 'client.created',
        objectType: 'client',
        objectId: id,
        clinicId,
        after: view,
      });
      return { ...view, possibleDuplicates: await this.findDuplicates(actor, view) };
    });
  }

  /** Audits the read if there are any: the answer has names, telephone numbers and birth dates of other patients. */
  private async findDuplicates(actor: Actor, client: ClientView): Promise<PossibleDuplicate[]> {
    const found = await this.clients.findDuplicates(client, clinicsToRead(actor, undefined));
    const ids = found.map(({ id }) => id);
    if (ids.length > 0) await this.changes.recordListRead(actor, 'client', ids);
    return found;
  }

  private async insert(request: CreateClient, clinicId: string): Promise<string> {
    const { email = null, firstName, lastName, phone = null, timeZone, locale } = request;
    const person = { email, firstName, lastName, phone, timeZone, locale };
    const userId = await this.accounts.register(person, clinicId);
    const id = await this.clients.findIdByUser(userId);
    const client = id ? await this.clients.lock(id) : null;
    if (!client) throw new Error(`the new account ${userId} has no record`);
    const record = toClinicRecord(request);
    await this.clients.assertMrnIsFree(record.mrn, clinicId, client.id);
    await this.clients.saveClinicRecord(client.id, clinicId, record);
    applyRecord(client, request);
    await this.clients.save(client);
    return client.id;
  }
}
