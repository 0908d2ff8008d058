import { ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { Equals, IsIn, IsString, Length } from 'class-validator';
import { MayBeLeftOut, PersonName } from '../../core/http/text.js';
import { Register } from '../auth/index.js';
import { UsersQuery, UserView } from '../users/index.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';
import { fullName } from './person-name.js';

/** What the client calls a patient. */
const PATIENT_ROLES = ['client', 'CLIENT', 'user', 'patient'] as const;

/** As the client sends it, or with the names of /api/v1. */
export class MobileRegister extends OmitType(Register, ['firstName', 'lastName'] as const) {
  /** The first word is the first name; or give firstName and lastName. @example Mona Hassan */
  @MayBeLeftOut()
  @PersonName()
  @IsString()
  @Length(1, 201)
  name?: string;

  /** @example Mona */
  @MayBeLeftOut()
  @PersonName()
  @IsString()
  @Length(1, 100)
  firstName?: string;

  /** @example Hassan */
  @MayBeLeftOut()
  @PersonName()
  @IsString()
  @Length(1, 100)
  lastName?: string;

  /** Registration makes a patient, always. @example client */
  @MayBeLeftOut()
  @IsIn(PATIENT_ROLES)
  role?: (typeof PATIENT_ROLES)[number];

  /** Always so. */
  @ApiPropertyOptional({ type: 'boolean', enum: [true] })
  @MayBeLeftOut()
  @Equals(true)
  isActive?: boolean;
}

export class MobileUserView extends UserView {
  /** @example Mona Hassan */
  name: string;
  /** Always so: an account that has ended is not shown. */
  isActive: boolean;
}

export class MobileSignedInView {
  /** For `Authorization: Bearer …`. */
  accessToken: string;
  user: MobileUserView;
}

/** At most 100 at a time, in order of their making. */
export class MobileUsersQuery extends UsersQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;
}

export const userViewOf = (user: UserView): MobileUserView => ({
  ...user,
  name: fullName(user.firstName, user.lastName),
  isActive: true,
});
