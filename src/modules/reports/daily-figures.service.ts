import { Injectable } from '@nestjs/common';
import { ClinicSchedulesService } from '../scheduling/index.js';
import { DayFactsRepository } from './day-facts.repository.js';
import { toFigures, type DayFigures } from './day-figures.js';

/** Computes the figures of any local day of a clinic from what is stored now. */
@Injectable()
export class DailyFiguresService {
  constructor(
    private readonly schedules: ClinicSchedulesService,
    private readonly facts: DayFactsRepository,
  ) {}

  /**
   * @param day a local day of the clinic
   * @throws DomainError NOT_FOUND for a clinic that does not exist
   */
  async compute(clinicId: string, day: string): Promise<DayFigures> {
    const { day: range, doctors } = await this.schedules.getDay(clinicId, day);
    const visits = await this.facts.findVisits(clinicId, range);
    const counts = await this.facts.countDay(clinicId, { day, range });
    const ledger = await this.facts.findLedgerTotals(clinicId, range);
    const hours = doctors.filter(({ isActive }) => isActive).map(({ id, ...doctor }) => ({ ...doctor, doctorId: id }));
    return toFigures({ range, hours, visits, ledger, ...counts });
  }
}
