import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { forbidden, invalid, notFound, type FieldError } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { manages, worksAt, type Actor } from '../../core/security/actor.js';
import type { WeeklyRule } from './availability.js';
import { localTime, minuteOf } from './local-time.js';
import { ResourcesRepository } from './resources.repository.js';
import type { ResourceView } from './resources.dto.js';
import type { CreateException, ExceptionsQuery, ExceptionView, ScheduleBody, WeeklyRuleBody } from './schedules.dto.js';
import { SchedulesRepository, type ExceptionRow } from './schedules.repository.js';

const MOST_DAYS = 366;
const DAY = 86_400_000;
const LAST_DAY = '9999-12-31';

/** Whose schedule is meant: a resource's by its id, a doctor's by the doctor's. */
export type ScheduleOwner = { resourceId: string } | { doctorId: string };

@Injectable()
export class SchedulesService {
  constructor(
    private readonly db: Database,
    private readonly schedules: SchedulesRepository,
    private readonly resources: ResourcesRepository,
    private readonly changes: ChangeLog,
  ) {}

  async get(actor: Actor, owner: ScheduleOwner): Promise<ScheduleBody> {
    const { id } = await this.visible(actor, owner);
    return { rules: (await this.schedules.rulesOf(id)).map(ruleView) };
  }

  /** Replaces all rules. Appointments that stand outside of the new hours stay. */
  async replace(actor: Actor, owner: ScheduleOwner, { rules }: ScheduleBody): Promise<ScheduleBody> {
    const resource = await this.managed(actor, owner);
    assertRules(rules);
    return this.db.transaction(async () => {
      const before = await this.schedules.rulesOf(resource.id);
      await this.schedules.replaceRules(resource.id, rules.map(ruleOf));
      const after = await this.schedules.rulesOf(resource.id);
      await this.record('schedule.replaced', resource, before, after);
      return { rules: after.map(ruleView) };
    });
  }

  async exceptions(actor: Actor, owner: ScheduleOwner, query: ExceptionsQuery): Promise<Page<ExceptionView>> {
    const { id } = await this.visible(actor, owner);
    return (await this.schedules.exceptionsOf(id, query)).map(exceptionView);
  }

  async addException(actor: Actor, owner: ScheduleOwner, request: CreateException): Promise<ExceptionView> {
    const resource = await this.managed(actor, owner);
    assertException(request);
    const row = exceptionRow(request);
    return this.db.transaction(async () => {
      await this.schedules.insertException(resource.id, row);
      await this.record('schedule.exception-added', resource, null, row);
      return exceptionView(row);
    });
  }

  async removeException(actor: Actor, owner: ScheduleOwner, id: string): Promise<null> {
    const resource = await this.managed(actor, owner);
    return this.db.transaction(async () => {
      if (!(await this.schedules.deleteException(resource.id, id))) throw notFound();
      await this.record('schedule.exception-removed', resource, { id }, null);
      return null;
    });
  }

  private async visible(actor: Actor, owner: ScheduleOwner): Promise<ResourceView> {
    const resource =
      'doctorId' in owner
        ? await this.resources.findOfDoctor(owner.doctorId)
        : await this.resources.find(owner.resourceId);
    if (!resource || !worksAt(actor, resource.clinicId)) throw notFound();
    return resource;
  }

  private async managed(actor: Actor, owner: ScheduleOwner): Promise<ResourceView> {
    const resource = await this.visible(actor, owner);
    if (!manages(actor, resource.clinicId)) throw forbidden('You do not manage this clinic.');
    return resource;
  }

  private record(
    action: string,
    { id, clinicId }: ResourceView,
    before: object | null,
    after: object | null,
  ): Promise<void> {
    return this.changes.record({ action, objectType: 'resource', objectId: id, clinicId, before, after });
  }
}

const ruleOf = ({ weekday, start, end, validFrom, validTo }: WeeklyRuleBody): WeeklyRule => ({
  weekday,
  startMinute: minuteOf(start),
  endMinute: minuteOf(end),
  validFrom: validFrom ?? null,
  validTo: validTo ?? null,
});

const ruleView = ({ weekday, startMinute, endMinute, validFrom, validTo }: WeeklyRule): WeeklyRuleBody => ({
  weekday,
  start: localTime(startMinute),
  end: localTime(endMinute),
  ...(validFrom && { validFrom }),
  ...(validTo && { validTo }),
});

const exceptionRow = ({ from, to, kind, start, end, reason }: CreateException): ExceptionRow => ({
  id: newId(),
  from,
  to,
  kind,
  startMinute: start ? minuteOf(start) : null,
  endMinute: end ? minuteOf(end) : null,
  reason: reason ?? null,
});

const exceptionView = ({ startMinute, endMinute, ...row }: ExceptionRow): ExceptionView => ({
  id: row.id,
  from: row.from,
  to: row.to,
  kind: row.kind,
  start: startMinute === null ? null : localTime(startMinute),
  end: endMinute === null ? null : localTime(endMinute),
  reason: row.reason,
});

/** @throws DomainError VALIDATION_ERROR that names every rule that ends before it starts or runs into another */
function assertRules(rules: WeeklyRuleBody[]): void {
  const errors: FieldError[] = [];
  rules.forEach((rule, index) => {
    if (minuteOf(rule.start) >= minuteOf(rule.end))
      errors.push({ field: `rules[${index}].end`, error: 'must be after start' });
    if (rule.validFrom && rule.validTo && rule.validFrom > rule.validTo) {
      errors.push({ field: `rules[${index}].validTo`, error: 'must not be before validFrom' });
    }
    const earlier = rules.slice(0, index).findIndex((other) => runInto(rule, other));
    if (earlier >= 0) errors.push({ field: `rules[${index}]`, error: `overlaps rules[${earlier}]` });
  });
  if (errors.length > 0) throw invalid(...errors);
}

const runInto = (a: WeeklyRuleBody, b: WeeklyRuleBody): boolean =>
  a.weekday === b.weekday &&
  minuteOf(a.start) < minuteOf(b.end) &&
  minuteOf(b.start) < minuteOf(a.end) &&
  (a.validFrom ?? '') <= (b.validTo ?? LAST_DAY) &&
  (b.validFrom ?? '') <= (a.validTo ?? LAST_DAY);

function assertException({ from, to, start, end }: CreateException): void {
  if (to < from) throw invalid({ field: 'to', error: 'must not be before from' });
  if ((Date.parse(to) - Date.parse(from)) / DAY >= MOST_DAYS)
    throw invalid({ field: 'to', error: `must be within ${MOST_DAYS} days` });
  if (start && !end) throw invalid({ field: 'end', error: 'must be given together with start' });
  if (end && !start) throw invalid({ field: 'start', error: 'must be given together with end' });
  if (start && end && minuteOf(start) >= minuteOf(end)) throw invalid({ field: 'end', error: 'must be after start' });
}
