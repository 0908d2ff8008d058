import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { manages, type Actor } from '../../core/kernel/actor.js';
import { notFound } from '../../core/kernel/domain-error.js';
import type { ChangeVideoLink, DoctorVideoLinkView } from './doctor-video-links.dto.js';
import { DoctorsRepository } from './doctors.repository.js';

/** The link to join video visits with a doctor, for the doctor and the managers of the clinic. */
@Injectable()
export class DoctorVideoLinksService {
  constructor(
    private readonly doctors: DoctorsRepository,
    private readonly changes: ChangeLog,
  ) {}

  async get(actor: Actor, id: string): Promise<DoctorVideoLinkView> {
    const doctor = await this.doctors.find(id);
    if (!doctor || !mayManageVideoLink(actor, doctor)) throw notFound();
    return { doctorId: id, videoUrl: await this.doctors.findVideoUrl(id), version: doctor.version };
  }

  /** @param version from If-Match; null if not given */
  set(actor: Actor, id: string, { videoUrl }: ChangeVideoLink, version: number | null): Promise<DoctorVideoLinkView> {
    return this.changes.versionedUpdate({
      objectType: 'doctor',
      id,
      version,
      lock: async () => {
        const doctor = await this.doctors.lock(id);
        if (!doctor || doctor.deletedAt || !mayManageVideoLink(actor, doctor)) throw notFound();
        return { row: doctor, before: { version: doctor.version, clinicId: doctor.clinicId } };
      },
      change: async (doctor) => {
        doctor.version += 1;
        await this.doctors.save(doctor);
        await this.doctors.setVideoUrl(id, videoUrl);
      },
      read: () => this.get(actor, id),
      // Without hashes of the link.
      details: ({ clinicId }) => ({ clinicId, before: null, after: null, changes: { videoUrl: true } }),
    });
  }
}

const mayManageVideoLink = (actor: Actor, { id, clinicId }: { id: string; clinicId: string }): boolean =>
  (actor.role === 'DOCTOR' && actor.doctorId === id) || manages(actor, clinicId);
