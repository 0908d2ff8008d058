import { IsOptional, IsString, MaxLength } from 'class-validator';
import { DoctorsQuery } from '../doctors/index.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';

/** Only what is known: no rating, no reviews, no years of experience and no distance are made up. */
export class MobileDoctorView {
  /** @example 1000001 */
  id: number;
  /** @example Dr Laila Mansour */
  name: string;
  /** @example Neurology */
  specialty: string;
  /** The doctor's photo, else a PNG placeholder. @example https://api.example.org/api/main/doctors/1000001/photo */
  image: string;
  /** Whether the doctor has a free time within the next 62 days. */
  available: boolean;
  /** The next free time on the clinic's clocks; left out where there is none. @example 2026-12-02 09:30 AM */
  nextAvailable?: string;
}

/** At most 100 at a time, by name. */
export class MobileDoctorsQuery extends DoctorsQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;

  /** The same as speciality. @example Neurology */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  specialty?: string;
}
