import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { getAccountId, worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { ClientAccess } from './client-access.js';
import type { UnmergedClientsView } from './client-merges.dto.js';
import { ClientMergeService, type MergeOptions } from './client-merge.service.js';
import { ClientUnmergeService } from './client-unmerge.service.js';
import type { ClientView, PossibleDuplicate } from './clients.dto.js';
import { ClientsRepository } from './clients.repository.js';
import { clinicsToRead, hideOtherClinics } from './clinic-scope.js';

/** Lets the front desk find, merge and separate records of one patient. */
@Injectable()
export class DuplicatesService {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly access: ClientAccess,
    private readonly merges: ClientMergeService,
    private readonly unmerges: ClientUnmergeService,
    private readonly changes: ChangeLog,
  ) {}

  /** Records that may belong to the same person. Audits the read with one row. */
  async list(actor: Actor, id: string): Promise<PossibleDuplicate[]> {
    const client = await this.access.findVisible(actor, id, undefined);
    const found = await this.clients.findDuplicates(client, clinicsToRead(actor, undefined));
    await this.changes.recordListRead(
      actor,
      'client',
      found.map((duplicate) => duplicate.id),
    );
    return found;
  }

  /** @throws DomainError NOT_FOUND, FORBIDDEN, VERSION_MISMATCH, APPOINTMENT_CONFLICT */
  async merge(actor: Actor, id: string, duplicateId: string, version: number | null): Promise<ClientView> {
    const client = await this.access.findWritable(actor, id);
    await this.access.findWritable(actor, duplicateId);
    await this.merges.merge(id, duplicateId, toOptions(actor, client, version));
    const merged = await this.clients.find(id, clinicsToRead(actor, undefined));
    if (!merged) throw notFound();
    return hideOtherClinics(actor, merged);
  }

  /** @throws DomainError NOT_FOUND, FORBIDDEN, VERSION_MISMATCH, INVALID_TRANSITION, EMAIL_TAKEN */
  async unmerge(
    actor: Actor,
    id: string,
    duplicateId: string | null,
    version: number | null,
  ): Promise<UnmergedClientsView> {
    const client = await this.access.findWritable(actor, id);
    const undoneBy = getAccountId(actor);
    return this.unmerges.unmerge(id, duplicateId, { ...toOptions(actor, client, version), undoneBy });
  }
}

/** The audit row names a clinic of the actor that has access to the patient. */
const toOptions = (actor: Actor, { clinicIds }: ClientView, version: number | null): MergeOptions => ({
  version,
  clinicId: clinicIds.find((id) => worksAtFrontDesk(actor, id)) ?? null,
});
