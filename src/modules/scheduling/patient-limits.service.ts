import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import type { BookingRules } from './booking-rules.js';
import { createBookingCheck, createMoveCheck, limitsPatients, type StartCheck } from './patient-limits.js';
import { PatientVisitsRepository } from './patient-visits.repository.js';

/** A patient who books for themselves, or moves their own appointment. */
export interface LimitedPatient {
  clientId: string;
  /** The appointment to move; absent for a new one. */
  movedId?: string;
}

/** Applies the policy's limits to the visits that a patient has at the clinic. */
@Injectable()
export class PatientLimitsService {
  constructor(
    private readonly visits: PatientVisitsRepository,
    private readonly clock: Clock,
  ) {}

  async getStartCheck(rules: BookingRules, { clientId, movedId }: LimitedPatient): Promise<StartCheck> {
    if (!limitsPatients(rules)) return () => true;
    const now = this.clock.now();
    const visits = await this.visits.find(clientId, rules.row.clinicId, now);
    return movedId === undefined ? createBookingCheck(rules, visits, now) : createMoveCheck(rules, visits, movedId);
  }
}
