import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';
import { SAFE_INTEGER } from '../../core/database/safe-integer.js';

export const MOBILE_KINDS = ['user', 'doctor', 'booking', 'faq', 'scan'] as const;
export type MobileKind = (typeof MOBILE_KINDS)[number];

/** The integer id of an object for the NeuroAid client. */
@Unique(['kind', 'uuid'])
@Entity('neuroaid_id')
export class NeuroaidId {
  @Check('neuroaid_id_kind_check', isOneOf('kind', MOBILE_KINDS))
  @PrimaryColumn('text')
  kind: MobileKind;

  @Check('neuroaid_id_number_check', 'number BETWEEN 1 AND 9007199254740991')
  @PrimaryColumn('bigint', { transformer: SAFE_INTEGER })
  number: number;

  @Column('uuid')
  uuid: string;
}
