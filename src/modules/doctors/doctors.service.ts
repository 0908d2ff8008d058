import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { assignDefined, updateEvent } from '../../core/changes/versioned-update.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { DomainError, forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { assertManages, manages, type Actor } from '../../core/kernel/actor.js';
import { ClinicsService, clinicsManagedBy } from '../clinics/index.js';
import { DoctorAccountsService } from './doctor-accounts.service.js';
import type { Doctor } from './doctor.entity.js';
import { maySeeDoctor } from './doctor.policy.js';
import type { ChangeDoctor, CreateDoctor, DoctorsQuery, DoctorView } from './doctors.dto.js';
import { DoctorsRepository } from './doctors.repository.js';
import { placeholderPhoto } from './placeholder-photo.js';

/** Doctors: their public profiles, and the accounts that they sign in with. */
@Injectable()
export class DoctorsService implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly doctors: DoctorsRepository,
    private readonly clinics: ClinicsService,
    private readonly accounts: DoctorAccountsService,
    private readonly changes: ChangeLog,
  ) {}

  /** Access tokens contain the doctor's id, so the sessions of an account that stops being a doctor must end. */
  onModuleInit(): void {
    this.accounts.onLeavingClinic(async (actor, userId, clinicId) => {
      const doctorId = await this.unlinkAccount(actor, userId, clinicId);
      return doctorId !== null;
    });
  }

  /** Lists active doctors; with `isActive: false` the inactive ones of the clinics that the caller manages. */
  list(actor: Actor | null, query: DoctorsQuery): Promise<Page<DoctorView>> {
    return this.doctors.list(query, clinicsManagedBy(actor));
  }

  async get(actor: Actor | null, id: string): Promise<DoctorView> {
    const doctor = await this.doctors.find(id);
    if (!doctor || !maySeeDoctor(actor, doctor)) throw notFound();
    return doctor;
  }

  /** The doctors with these ids, in no particular order; those that do not exist are omitted. */
  findByIds(ids: readonly string[]): Promise<DoctorView[]> {
    return this.doctors.findByIds(ids);
  }

  /** The SVG that stands in for a photo. */
  async getPlaceholderPhoto(id: string): Promise<string> {
    const { firstName, lastName } = await this.get(null, id);
    return placeholderPhoto(id, firstName, lastName);
  }

  /** Creates the doctor and the resource that appointments reserve. */
  async create(actor: Actor, { serviceIds = [], videoUrl, ...fields }: CreateDoctor): Promise<DoctorView> {
    assertManages(actor, fields.clinicId);
    return this.db.transaction(async () => {
      const id = newId();
      await this.clinics.assertExists(fields.clinicId);
      await this.accounts.move(actor, { clinicId: fields.clinicId, from: null, to: fields.userId ?? null });
      await this.doctors.insert({ id, resourceId: newId(), ...fields, isActive: fields.isActive ?? true });
      if (videoUrl) await this.doctors.setVideoUrl(id, videoUrl);
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
    { serviceIds, videoUrl, ...fields }: ChangeDoctor,
    version: number | null,
  ): Promise<DoctorView> {
    return this.changes.versionedUpdate({
      objectType: 'doctor',
      id,
      version,
      lock: async () => ({ row: await this.lock(actor, id), before: await this.find(id) }),
      change: async (doctor) => {
        const { clinicId, userId } = doctor;
        if (fields.userId !== undefined) await this.accounts.move(actor, { clinicId, from: userId, to: fields.userId });
        assignDefined(doctor, fields);
        doctor.version += 1;
        await this.doctors.save(doctor);
        if (videoUrl !== undefined) await this.doctors.setVideoUrl(id, videoUrl);
        if (serviceIds) await this.setServices(id, clinicId, serviceIds);
      },
      read: () => this.find(id),
      details: (before, after) => ({
        clinicId: after.clinicId,
        event: updateEvent('doctor', before, after),
        ...(videoUrl !== undefined && { changes: { videoUrl: true } }),
      }),
    });
  }

  /** @throws DomainError IN_USE while the doctor has upcoming appointments or holds */
  async remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const doctor = await this.lock(actor, id);
      if (await this.doctors.isBooked(id))
        throw new DomainError('IN_USE', 'The doctor has upcoming appointments or holds. Cancel or move them first.');
      const before = await this.find(id);
      await this.accounts.move(actor, { clinicId: doctor.clinicId, from: doctor.userId, to: null });
      await this.doctors.remove(doctor);
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

  /**
   * Makes the doctor of an account that leaves the clinic inactive, so that nobody can book them, and unlinks the account. Their
   * appointments stay. Runs in the caller's transaction. Locks the doctor, so call it before the account is locked.
   * @returns the doctor's id; null if the account has no doctor at the clinic
   */
  async unlinkAccount(actor: Actor, userId: string, clinicId: string): Promise<string | null> {
    const id = await this.doctors.findIdByAccount(userId, clinicId);
    if (!id) return null;
    const doctor = await this.lock(actor, id);
    const before = await this.find(id);
    Object.assign(doctor, { isActive: false, userId: null, version: doctor.version + 1 });
    await this.doctors.save(doctor);
    const after = await this.find(id);
    await this.changes.record({
      action: 'doctor.updated',
      objectType: 'doctor',
      objectId: id,
      clinicId,
      before,
      after,
      changes: { isActive: [before.isActive, false] },
    });
    return id;
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
}
