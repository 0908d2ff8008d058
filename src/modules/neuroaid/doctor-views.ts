import { Injectable } from '@nestjs/common';
import { Zone } from '../../core/kernel/zone.js';
import type { DoctorView } from '../doctors/index.js';
import { NextFreeService, ServicesService, type NextFree } from '../scheduling/index.js';
import { toClockTime } from './clock-time.js';
import type { MobileDoctorView } from './doctors.dto.js';
import { MobileIds } from './mobile-ids.service.js';
import { fullName } from './person-name.js';

/** Converts doctors to the app's format. */
@Injectable()
export class DoctorViews {
  constructor(
    private readonly ids: MobileIds,
    private readonly services: ServicesService,
    private readonly nextFree: NextFreeService,
  ) {}

  /** Keeps the order. The next free time is that of the doctor's default service. */
  async toViews(doctors: readonly DoctorView[], serverUrl: string): Promise<MobileDoctorView[]> {
    const uuids = doctors.map(({ id }) => id);
    const getNumber = await this.ids.getNumbers('doctor', uuids);
    const next = await this.nextFree.find(await this.services.findDefaults(uuids));
    return doctors.map((doctor) => toView(doctor, getNumber(doctor.id), next.get(doctor.id), serverUrl));
  }
}

function toView(doctor: DoctorView, id: number, next: NextFree | undefined, serverUrl: string): MobileDoctorView {
  return {
    id,
    name: fullName(doctor.title, doctor.firstName, doctor.lastName),
    specialty: doctor.speciality,
    image: getImageUrl(doctor, id, serverUrl),
    available: doctor.isActive && next !== undefined,
    ...(next && { nextAvailable: formatNextFree(next) }),
  };
}

/** The placeholder of /api/v1 is an SVG, which Flutter does not decode. */
const getImageUrl = ({ id, photoUrl }: DoctorView, number: number, serverUrl: string): string =>
  photoUrl.endsWith(`/api/v1/doctors/${id}/photo`) ? `${serverUrl}/api/main/doctors/${number}/photo` : photoUrl;

function formatNextFree({ start, timeZone }: NextFree): string {
  const { date, time } = toClockTime(Zone.of(timeZone), start);
  return `${date} ${time}`;
}
