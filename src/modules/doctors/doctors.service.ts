import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, forbidden, invalid, notFound, versionMismatch } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { manages, worksAt, type Actor } from '../../core/security/actor.js';
import { UsersService } from '../users/index.js';
import type { Doctor } from './doctor.entity.js';
import type { ChangeDoctor, CreateDoctor, DoctorsQuery, DoctorView } from './doctors.dto.js';
import { DoctorsRepository } from './doctors.repository.js';
import { placeholderPhoto } from './placeholder-photo.js';

@Injectable()
export class DoctorsService {
  constructor(
    private readonly db: Database,
    private readonly doctors: DoctorsRepository,
    private readonly users: UsersService,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /** Everybody sees the active ones; who works at a clinic also the others of it. */
  list(actor: Actor | null, query: DoctorsQuery): Promise<Page<DoctorView>> {
    return this.doctors.list(
      query,
      actor?.role === 'ADMIN' ? null : actor && actor.role !== 'CLIENT' ? actor.clinicIds : [],
    );
  }

  async get(actor: Actor | null, id: string): Promise<DoctorView> {
    const doctor = await this.doctors.find(id);
    if (!doctor || !(doctor.isActive || (actor && worksAt(actor, doctor.clinicId)))) throw notFound();
    return doctor;
  }

  async photo(id: string): Promise<string> {
    const { firstName, lastName } = await this.get(null, id);
    return placeholderPhoto(id, firstName, lastName);
  }

  /** Makes the doctor and the resource that is booked. */
  async create(actor: Actor, { serviceIds = [], ...fields }: CreateDoctor): Promise<DoctorView> {
    if (!manages(actor, fields.clinicId)) throw forbidden('You do not manage this clinic.');
    return this.db.transaction(async () => {
      const id = newId();
      await this.assertAccount(fields.userId, fields.clinicId);
      await this.doctors.insert({ id, resourceId: newId(), ...fields, isActive: fields.isActive ?? true });
      await this.setServices(id, fields.clinicId, serviceIds);
      const after = await this.find(id);
      await this.changes.record({
        action: 'doctor.created',
        objectType: 'doctor',
        objectId: id,
        clinicId: after.clinicId,
        after,
      });
      return after;
    });
  }

  async change(
    actor: Actor,
    id: string,
    { serviceIds, ...fields }: ChangeDoctor,
    version: number | null,
  ): Promise<DoctorView> {
    return this.db.transaction(async () => {
      const doctor = await this.lock(actor, id);
      if (version !== null && version !== doctor.version) throw versionMismatch();
      const before = await this.find(id);
      if (fields.userId !== doctor.userId) await this.assertAccount(fields.userId, doctor.clinicId);
      for (const [name, value] of Object.entries(fields))
        if (value !== undefined) Object.assign(doctor, { [name]: value });
      doctor.version += 1;
      doctor.updatedAt = new Date(this.clock.now());
      await this.doctors.save(doctor);
      if (serviceIds) await this.setServices(id, doctor.clinicId, serviceIds);
      const after = await this.find(id);
      await this.changes.record({
        action: 'doctor.updated',
        objectType: 'doctor',
        objectId: id,
        clinicId: doctor.clinicId,
        before,
        after,
      });
      return after;
    });
  }

  /** @throws DomainError IN_USE while patients are booked */
  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const doctor = await this.lock(actor, id);
      if (await this.doctors.hasFutureAppointments(id))
        throw new DomainError('IN_USE', 'The doctor still has appointments.');
      const before = await this.find(id);
      doctor.deletedAt = new Date(this.clock.now());
      doctor.isActive = false;
      await this.doctors.save(doctor);
      await this.changes.record({
        action: 'doctor.deleted',
        objectType: 'doctor',
        objectId: id,
        clinicId: doctor.clinicId,
        before,
      });
      return null;
    });
  }

  private async find(id: string): Promise<DoctorView> {
    const doctor = await this.doctors.find(id);
    if (!doctor) throw notFound();
    return doctor;
  }

  private async lock(actor: Actor, id: string): Promise<Doctor> {
    const doctor = await this.doctors.lock(id);
    if (!doctor || doctor.deletedAt) throw notFound();
    if (!manages(actor, doctor.clinicId)) throw forbidden('You do not manage the clinic of this doctor.');
    return doctor;
  }

  private async setServices(id: string, clinicId: string, serviceIds: string[]): Promise<void> {
    if (!(await this.doctors.setServices(id, clinicId, serviceIds))) {
      throw invalid({ field: 'serviceIds', error: 'must be services of the same clinic' });
    }
  }

  /** The account that is to be this doctor has the role already, and works at the clinic from now on. */
  private async assertAccount(userId: string | null | undefined, clinicId: string): Promise<void> {
    if (!userId) return;
    const user = await this.users.find(userId);
    if (user?.role !== 'DOCTOR') throw invalid({ field: 'userId', error: 'must be an account with the role DOCTOR' });
    if (!user.clinicIds.includes(clinicId)) await this.users.addClinic(userId, clinicId);
    // Its token does not know yet which doctor it is.
    await this.users.endSessions(userId, 'became a doctor');
  }
}
