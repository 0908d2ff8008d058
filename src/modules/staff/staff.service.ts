import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { DoctorsService } from '../doctors/index.js';
import { UserManagementService } from '../users/index.js';
import type { RemovedFromClinicView } from './staff.dto.js';
import { StaffRepository } from './staff.repository.js';

/** The people who work at a clinic. */
@Injectable()
export class StaffService {
  constructor(
    private readonly db: Database,
    private readonly users: UserManagementService,
    private readonly doctors: DoctorsService,
    private readonly staff: StaffRepository,
  ) {}

  /**
   * Removes a person from one clinic; they may work elsewhere. Locks the doctor before the account, as changes of doctors do.
   * @throws DomainError NOT_FOUND, FORBIDDEN
   */
  async remove(actor: Actor, userId: string, clinicId: string): Promise<RemovedFromClinicView> {
    return this.db.transaction(async () => {
      await this.users.assertMayRemoveFromClinic(actor, userId, clinicId);
      const doctorId = await this.doctors.unlinkAccount(actor, userId, clinicId);
      await this.users.removeFromClinic(actor, userId, clinicId, { endsSessions: doctorId !== null });
      const appointments = doctorId ? await this.staff.findRemainingAppointments(doctorId) : [];
      return { userId, clinicId, doctorId, appointments };
    });
  }
}
