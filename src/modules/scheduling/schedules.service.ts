import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { forbidden, notFound } from '../../core/kernel/domain-error.js';
import { assertManages, manages, worksAt, worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import type { ExceptionKind } from './schedule-exception.entity.js';
import { ResourcesRepository } from './resources.repository.js';
import type { ResourceView } from './resources.dto.js';
import {
  type AddRuleResult,
  addRules,
  assertException,
  assertRules,
  toException,
  toExceptionView,
  toWeeklyHours,
  toRuleBody,
} from './schedule-rules.js';
import { AffectedVisitsService } from './affected-visits.service.js';
import type {
  CreateException,
  ExceptionsQuery,
  ExceptionView,
  NewExceptionView,
  ScheduleBody,
  WeeklyRuleBody,
} from './schedules.dto.js';
import { SchedulesRepository, type ExceptionFields } from './schedules.repository.js';

/** A doctor's schedule is that of the doctor's own resource. */
export interface ScheduleOwner {
  type: 'doctor' | 'resource';
  id: string;
}

/** Reads and changes the weekly rules and the exceptions of doctors and resources. */
@Injectable()
export class SchedulesService {
  constructor(
    private readonly db: Database,
    private readonly schedules: SchedulesRepository,
    private readonly resources: ResourcesRepository,
    private readonly affected: AffectedVisitsService,
    private readonly changes: ChangeLog,
  ) {}

  async get(actor: Actor, owner: ScheduleOwner): Promise<ScheduleBody> {
    const { id } = await this.findVisible(actor, owner);
    return { rules: (await this.schedules.findRules(id)).map(toRuleBody) };
  }

  /** Replaces all rules. Appointments outside the new hours stay. */
  async replace(actor: Actor, owner: ScheduleOwner, { rules }: ScheduleBody): Promise<ScheduleBody> {
    const resource = await this.findManaged(actor, owner);
    assertRules(rules);
    return this.db.transaction(async () => {
      await this.schedules.lockSchedule(resource.id);
      const before = await this.schedules.findRules(resource.id);
      await this.schedules.replaceRules(resource.id, rules.map(toWeeklyHours));
      const after = await this.schedules.findRules(resource.id);
      await this.record(resource, { action: 'schedule.replaced', before, after });
      return { rules: after.map(toRuleBody) };
    });
  }

  /** Adds rules to those that the owner has. @returns the result for each, in their order */
  async addRules(actor: Actor, owner: ScheduleOwner, added: readonly WeeklyRuleBody[]): Promise<AddRuleResult[]> {
    const resource = await this.findManaged(actor, owner);
    return this.db.transaction(async () => {
      await this.schedules.lockSchedule(resource.id);
      const before = await this.schedules.findRules(resource.id);
      const { rules, results } = addRules(before.map(toRuleBody), added);
      if (rules.length === before.length) return results;
      await this.schedules.replaceRules(resource.id, rules.map(toWeeklyHours));
      const after = await this.schedules.findRules(resource.id);
      await this.record(resource, { action: 'schedule.replaced', before, after });
      return results;
    });
  }

  async listExceptions(actor: Actor, owner: ScheduleOwner, query: ExceptionsQuery): Promise<Page<ExceptionView>> {
    const { id } = await this.findVisible(actor, owner);
    return (await this.schedules.findExceptions(id, query)).map(toExceptionView);
  }

  /** Closes days, or opens extra hours. Visits stay; the answer lists those in closed time. */
  async addException(actor: Actor, owner: ScheduleOwner, request: CreateException): Promise<NewExceptionView> {
    const resource = await this.findWritable(actor, owner, request.kind);
    assertException(request);
    const exception = toException(request);
    return this.db.transaction(async () => {
      await this.schedules.lockSchedule(resource.id);
      await this.schedules.insertException(resource.id, exception);
      await this.record(resource, { action: 'schedule.exception-added', after: exception, days: exception });
      const place = { clinicId: resource.clinicId, resourceId: resource.id };
      const affected = exception.kind === 'CLOSED' ? await this.affected.find(actor, place, exception) : {};
      return { ...toExceptionView(exception), ...affected };
    });
  }

  async removeException(actor: Actor, owner: ScheduleOwner, id: string): Promise<null> {
    const resource = await this.findVisible(actor, owner);
    return this.db.transaction(async () => {
      const exception = await this.schedules.deleteException(resource.id, id);
      if (!exception) throw notFound();
      assertMayWrite(actor, resource, exception.kind);
      await this.record(resource, { action: 'schedule.exception-removed', before: { id }, days: exception });
      return null;
    });
  }

  private async findVisible(actor: Actor, { type, id }: ScheduleOwner): Promise<ResourceView> {
    const resource = await (type === 'doctor' ? this.resources.findByDoctor(id) : this.resources.find(id));
    if (!resource || !worksAt(actor, resource.clinicId)) throw notFound();
    return resource;
  }

  private async findManaged(actor: Actor, owner: ScheduleOwner): Promise<ResourceView> {
    const resource = await this.findVisible(actor, owner);
    assertManages(actor, resource.clinicId);
    return resource;
  }

  private async findWritable(actor: Actor, owner: ScheduleOwner, kind: ExceptionKind): Promise<ResourceView> {
    const resource = await this.findVisible(actor, owner);
    assertMayWrite(actor, resource, kind);
    return resource;
  }

  private record({ id, clinicId }: ResourceView, { action, before, after, days }: ScheduleChange): Promise<void> {
    const event = { name: action, payload: { id, ...(days && toPayload(days)) } };
    return this.changes.record({ action, objectType: 'resource', objectId: id, clinicId, before, after, event });
  }
}

/** The front desk may close time and open it again; extra hours are for managers. */
function assertMayWrite(actor: Actor, { clinicId }: ResourceView, kind: ExceptionKind): void {
  const mayWrite = kind === 'CLOSED' ? worksAtFrontDesk(actor, clinicId) : manages(actor, clinicId);
  if (!mayWrite) throw forbidden('You do not manage this clinic.');
}

interface ScheduleChange {
  action: string;
  before?: object;
  after?: object;
  /** The first and the last day that changed; all days if absent. */
  days?: Omit<ExceptionFields, 'reason'>;
}

/** Without the reason, which may be personal. */
const toPayload = ({ from, to, kind, startMinute, endMinute }: Omit<ExceptionFields, 'reason'>): object => ({
  from,
  to,
  kind,
  startMinute,
  endMinute,
});
