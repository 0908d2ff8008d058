import { Injectable } from '@nestjs/common';
import { checkBody } from '../../../../core/http/validation.js';
import { SchedulesService, WeeklyRuleBody, type AddRuleResult } from '../../../scheduling/index.js';
import type { CellProblem } from '../values/row-reader.js';
import { CatalogueLoader } from './clinic-catalogue.js';
import {
  pick,
  refusal,
  text,
  type CheckedRow,
  type ImportContext,
  type Importer,
  type RowOutcome,
  type Values,
} from './importer.js';
import { RowAttempts } from './row-attempts.js';

export interface ScheduleRequest {
  body: WeeklyRuleBody;
  doctor: string;
}

const FIELDS = ['weekday', 'start', 'end', 'validFrom', 'validTo'];

/** Imports weekly hours of doctors, in addition to those that they have. */
@Injectable()
export class ScheduleImporter implements Importer<ScheduleRequest> {
  readonly batchSize = 200;

  constructor(
    private readonly schedules: SchedulesService,
    private readonly catalogues: CatalogueLoader,
    private readonly attempts: RowAttempts,
  ) {}

  check(values: Values): CheckedRow<ScheduleRequest> {
    const { value, errors } = checkBody(WeeklyRuleBody, pick(values, FIELDS));
    const doctor = text(values, 'doctor');
    const missing: CellProblem[] = doctor === undefined ? [{ field: 'doctor', error: 'is missing' }] : [];
    return { request: { body: value, doctor: doctor ?? '' }, errors: [...missing, ...errors] };
  }

  /** Adds the hours of each doctor together. */
  async importAll(context: ImportContext, requests: readonly ScheduleRequest[]): Promise<RowOutcome[]> {
    const doctors = requests.map(({ doctor }) => doctor);
    const catalogue = await this.catalogues.load(context, { doctors, services: [] });
    const outcomes: RowOutcome[] = requests.map(() => 'UNCHANGED');
    const byDoctor = new Map<string, number[]>();
    for (const [index, { doctor }] of requests.entries()) {
      const found = catalogue.find('doctors', doctor);
      if ('id' in found) byDoctor.set(found.id, [...(byDoctor.get(found.id) ?? []), index]);
      else outcomes[index] = refusal('doctor', found.error);
    }
    for (const [id, indexes] of byDoctor) {
      const rules = indexes.flatMap((index) => requests[index]?.body ?? []);
      const added = await this.attempts.run(() =>
        this.schedules.addRules(context.actor, { type: 'doctor', id }, rules),
      );
      for (const [at, index] of indexes.entries())
        outcomes[index] = 'errors' in added ? added : toOutcome(added[at] ?? 'UNCHANGED');
    }
    return outcomes;
  }
}

const toOutcome = (added: AddRuleResult): RowOutcome => {
  if (added === 'ADDED') return 'CREATED';
  return added === 'UNCHANGED' ? added : refusal(added.field, added.error);
};
