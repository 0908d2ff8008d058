import { IsOptional, IsString, MaxLength } from 'class-validator';
import { DoctorsQuery } from '../doctors/index.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';

/** A doctor in the app's format, without rating, reviews, experience and distance, which are unknown. */
export class MobileDoctorView {
  /** @example 1000001 */
  id: number;
  /** @example Dr Laila Mansour */
  name: string;
  /** @example Neurology */
  specialty: string;
  /** The doctor's photo, or a PNG placeholder. @example https://api.example.org/api/main/doctors/1000001/photo */
  image: string;
  /** Whether the doctor is free within the next 62 days. */
  available: boolean;
  /** The next free time, as local time of the clinic; absent if there is none. @example 2026-12-02 09:30 AM */
  nextAvailable?: string;
}

/** Returns at most 100 doctors, sorted by name. */
export class MobileDoctorsQuery extends DoctorsQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;

  /** The same as speciality. @example Neurology */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  specialty?: string;
}
