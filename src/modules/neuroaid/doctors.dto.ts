import { IsOptional, IsString, MaxLength } from 'class-validator';
import { DoctorsQuery, DoctorView } from '../doctors/index.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';
import { fullName } from './person-name.js';

export class MobileDoctorView extends DoctorView {
  /** @example Dr Laila Mansour */
  name: string;
  /** @example Neurology */
  specialty: string;
  /** photoUrl with the server's address. */
  image: string;
  /** Takes patients. */
  available: boolean;
}

/** At most 100 at a time, by their names. */
export class MobileDoctorsQuery extends DoctorsQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;

  /** The same as speciality. @example Neurology */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  specialty?: string;
}

export const doctorViewOf = (doctor: DoctorView, serverUrl: string): MobileDoctorView => ({
  ...doctor,
  name: fullName(doctor.title, doctor.firstName, doctor.lastName),
  specialty: doctor.speciality,
  image: doctor.photoUrl.startsWith('/') ? `${serverUrl}${doctor.photoUrl}` : doctor.photoUrl,
  available: doctor.isActive,
});
