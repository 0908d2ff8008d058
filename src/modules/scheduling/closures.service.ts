import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { assertManages, type Actor } from '../../core/kernel/actor.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { ClinicsService } from '../clinics/index.js';
import { AffectedVisitsService } from './affected-visits.service.js';
import type { ClosureView, CreateClosure, NewClosureView } from './closures.dto.js';
import { ClosuresRepository, type ClosureFields } from './closures.repository.js';
import { assertException, toClosureView, toException } from './schedule-rules.js';
import type { ExceptionsQuery } from './schedules.dto.js';

/** Reads and changes the days on which whole clinics are closed. */
@Injectable()
export class ClosuresService {
  constructor(
    private readonly db: Database,
    private readonly clinics: ClinicsService,
    private readonly closures: ClosuresRepository,
    private readonly affected: AffectedVisitsService,
    private readonly changes: ChangeLog,
  ) {}

  /** @throws DomainError NOT_FOUND */
  async list(clinicId: string, query: ExceptionsQuery): Promise<Page<ClosureView>> {
    await this.clinics.get(clinicId);
    return (await this.closures.list(clinicId, query)).map(toClosureView);
  }

  /** Closes a clinic. Its visits stay; the answer lists those in the closed time. */
  async add(actor: Actor, clinicId: string, request: CreateClosure): Promise<NewClosureView> {
    await this.assertManagesClinic(actor, clinicId);
    assertException(request);
    const { kind: _, ...closure } = toException({ ...request, kind: 'CLOSED' });
    return this.db.transaction(async () => {
      await this.closures.lockSchedule(clinicId);
      await this.closures.insert(clinicId, closure);
      await this.record(clinicId, 'clinic.closure-added', closure, { after: closure });
      const affected = await this.affected.find(actor, { clinicId, resourceId: null }, closure);
      return { ...toClosureView(closure), ...affected };
    });
  }

  async remove(actor: Actor, clinicId: string, id: string): Promise<null> {
    await this.assertManagesClinic(actor, clinicId);
    return this.db.transaction(async () => {
      await this.closures.lockSchedule(clinicId);
      const closure = await this.closures.delete(clinicId, id);
      if (!closure) throw notFound();
      await this.record(clinicId, 'clinic.closure-removed', closure, { before: { id } });
      return null;
    });
  }

  private async assertManagesClinic(actor: Actor, clinicId: string): Promise<void> {
    await this.clinics.get(clinicId);
    assertManages(actor, clinicId);
  }

  private record(
    clinicId: string,
    action: string,
    { from, to, startMinute, endMinute }: ClosureFields,
    states: { before?: object; after?: object },
  ): Promise<void> {
    const event = { name: action, payload: { id: clinicId, from, to, startMinute, endMinute } };
    return this.changes.record({ action, objectType: 'clinic', objectId: clinicId, clinicId, ...states, event });
  }
}
