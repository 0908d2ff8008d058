import { Injectable } from '@nestjs/common';
import { invalid } from '../../../core/kernel/domain-error.js';
import { ImportedVisitsService, type ImportedVisit } from '../../appointments/index.js';
import { ServicesService } from '../../scheduling/index.js';
import type { LegacyVisit } from '../legacy-data.js';
import { LegacyRecordsRepository } from '../legacy-records.repository.js';
import type { MigrationRun } from '../migration-run.js';
import { Importers, type Imported, type Importer } from './importer.js';
import { VisitReplacements } from './visit-replacements.js';

@Injectable()
export class VisitsImporter implements Importer<'visit'> {
  constructor(
    importers: Importers,
    private readonly visits: ImportedVisitsService,
    private readonly services: ServicesService,
    private readonly records: LegacyRecordsRepository,
    private readonly replacements: VisitReplacements,
  ) {
    importers.register('visit', this);
  }

  /** Past visits become history. Upcoming ones reserve their time, unless another visit has it. */
  async create(item: LegacyVisit, run: MigrationRun): Promise<Imported> {
    const [outcome] = await this.visits.record(run.actor, [await this.toVisit(item, run)]);
    if (!outcome) throw new Error('a visit has no outcome');
    if (outcome.outcome === 'COLLIDES') return { collidesWith: outcome.with };
    if (outcome.outcome === 'REFUSED') throw outcome.error;
    return { id: outcome.id };
  }

  /** Replaces the visit: a move by the usual way would tell the patient. */
  async update(item: LegacyVisit, id: string, run: MigrationRun): Promise<Imported> {
    return (await this.replacements.prepare(item, id, run)) ? this.create(item, run) : { id };
  }

  private async toVisit(item: LegacyVisit, run: MigrationRun): Promise<ImportedVisit> {
    const userId = await run.resolve('user', item.userKey, 'userId');
    const clientId = await this.records.findClientId(userId);
    if (clientId === null) throw invalid({ field: 'userId', error: 'is not a patient' });
    const doctorId = await run.resolve('doctor', item.doctorKey, 'doctorId');
    const serviceId = await this.findService(item, doctorId, run);
    const { start, end, status, notes } = item;
    if (status === 'PENDING' && start.getTime() <= run.now) {
      run.warn('status', 'is pending although the visit is in the past: complete or cancel it here');
    }
    return { clientId, doctorId, serviceId, start, end, status, notes, isNew: true };
  }

  private async findService({ serviceKey }: LegacyVisit, doctorId: string, run: MigrationRun): Promise<string> {
    if (serviceKey !== null) return run.resolve('service', serviceKey, 'serviceId');
    const serviceId = (await this.services.findDefaults([doctorId])).get(doctorId);
    if (!serviceId) throw invalid({ field: 'doctorId', error: 'is a doctor without a service' });
    return serviceId;
  }
}
