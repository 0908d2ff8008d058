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
   * @param date a local day of the clinic
   * @throws DomainError NOT_FOUND for a clinic that does not exist
   */
  async compute(clinicId: string, date: string): Promise<DayFigures> {
    const { day, doctors } = await this.schedules.getDay(clinicId, date);
    const visits = await this.facts.findVisits(clinicId, day);
    const counts = await this.facts.count(clinicId, date, day);
    const ledger = await this.facts.findLedgerTotals(clinicId, day);
    const hours = doctors.filter(({ isActive }) => isActive).map(({ id, ...doctor }) => ({ ...doctor, doctorId: id }));
    return toFigures({ day, hours, visits, ledger, ...counts });
  }
}
