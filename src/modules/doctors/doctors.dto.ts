import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  IsUrl,
  IsUUID,
  Length,
  MaxLength,
} from 'class-validator';
import { PageQuery } from '../../core/http/page.js';
import { HttpsUrl, LanguageTag, MayBeLeftOut, PersonName, ThingName } from '../../core/http/text.js';

export class DoctorView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  clinicId: string;
  /** The doctor's user account, if any. */
  userId: string | null;
  /** The resource that appointments with the doctor reserve. */
  resourceId: string;
  /** @example Dr */
  title: string | null;
  /** @example Laila */
  firstName: string;
  /** @example Mansour */
  lastName: string;
  /** @example Neurology */
  speciality: string;
  bio: string | null;
  /** @example ["ar", "en"] */
  languages: string[];
  /** The photo, or a placeholder with the initials. @example /api/v1/doctors/019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10/photo */
  photoUrl: string;
  /** The services that the doctor provides. */
  serviceIds: string[];
  isActive: boolean;
  /** @example 1 */
  version: number;
}

class DoctorFields {
  /** @example Dr */
  @IsOptional()
  @ThingName()
  @IsString()
  @MaxLength(40)
  title?: string | null;

  @IsOptional()
  @IsString()
  @MaxLength(4000)
  bio?: string | null;

  /** @example ["ar", "en"] */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @LanguageTag({ each: true })
  languages?: string[];

  @IsOptional()
  @IsUrl({ protocols: ['https'], require_protocol: true })
  @MaxLength(1000)
  photoUrl?: string | null;

  /** The link to join video visits. Shown only to patient and doctor, and by `GET /doctors/:id/video-link`. */
  @IsOptional()
  @HttpsUrl()
  videoUrl?: string | null;

  /** An account with the role DOCTOR. */
  @IsOptional()
  @IsUUID()
  userId?: string | null;

  /** Services of the same clinic. */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(200)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  serviceIds?: string[];

  @MayBeLeftOut()
  @IsBoolean()
  isActive?: boolean;
}

export class CreateDoctor extends DoctorFields {
  @IsUUID()
  clinicId: string;

  /** @example Laila */
  @PersonName()
  firstName: string;

  /** @example Mansour */
  @PersonName()
  lastName: string;

  /** @example Neurology */
  @ThingName()
  @IsString()
  @Length(1, 100)
  speciality: string;
}

export class ChangeDoctor extends DoctorFields {
  @MayBeLeftOut()
  @PersonName()
  firstName?: string;

  @MayBeLeftOut()
  @PersonName()
  lastName?: string;

  @MayBeLeftOut()
  @ThingName()
  @IsString()
  @Length(1, 100)
  speciality?: string;
}

const DOCTOR_SORTS = ['lastName', '-lastName', 'createdAt', '-createdAt'] as const;

export class DoctorsQuery extends PageQuery {
  /** Words of the name, the speciality or the bio; ignores accents and variants of Arabic letters. @example neuro */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  q?: string;

  /** @example Neurology */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  speciality?: string;

  @IsOptional()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsUUID()
  serviceId?: string;

  /** BCP 47; `ar` also matches `ar-EG`. @example ar */
  @IsOptional()
  @LanguageTag()
  language?: string;

  /** `false` lists the inactive doctors of the clinics that the caller manages. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  isActive: boolean = true;

  @IsOptional()
  @IsIn(DOCTOR_SORTS)
  sort: (typeof DOCTOR_SORTS)[number] = 'lastName';
}
