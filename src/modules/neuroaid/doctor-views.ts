import { Injectable } from '@nestjs/common';
import { Zone } from '../../core/kernel/zone.js';
import type { DoctorView } from '../doctors/index.js';
import { NextFreeService, ServicesService, type NextFree } from '../scheduling/index.js';
import { localTimeOf } from './clock-time.js';
import type { MobileDoctorView } from './doctors.dto.js';
import { MobileIds } from './mobile-ids.service.js';
import { fullName } from './person-name.js';

/** Doctors as the client reads them. */
@Injectable()
export class DoctorViews {
  constructor(
    private readonly ids: MobileIds,
    private readonly services: ServicesService,
    private readonly nextFree: NextFreeService,
  ) {}

  /** In the order given. The next free time is that of the service which the client would book. */
  async of(doctors: readonly DoctorView[], serverUrl: string): Promise<MobileDoctorView[]> {
    const uuids = doctors.map(({ id }) => id);
    const numberOf = await this.ids.numbersOf('doctor', uuids);
    const next = await this.nextFree.find(await this.services.defaultsOf(uuids));
    return doctors.map((doctor) => viewOf(doctor, numberOf(doctor.id), next.get(doctor.id), serverUrl));
  }
}

function viewOf(doctor: DoctorView, id: number, next: NextFree | undefined, serverUrl: string): MobileDoctorView {
  return {
    id,
    name: fullName(doctor.title, doctor.firstName, doctor.lastName),
    specialty: doctor.speciality,
    image: imageOf(doctor, id, serverUrl),
    available: doctor.isActive && next !== undefined,
    ...(next && { nextAvailable: shown(next) }),
  };
}

/** The placeholder of /api/v1 is an SVG, which Flutter does not decode. */
const imageOf = ({ id, photoUrl }: DoctorView, number: number, serverUrl: string): string =>
  photoUrl.endsWith(`/api/v1/doctors/${id}/photo`) ? `${serverUrl}/api/main/doctors/${number}/photo` : photoUrl;

function shown({ start, timeZone }: NextFree): string {
  const { date, time } = localTimeOf(Zone.of(timeZone), start);
  return `${date} ${time}`;
}
