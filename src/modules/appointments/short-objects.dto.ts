import { ArrayMaxSize, IsArray, IsIn, IsOptional } from 'class-validator';
import type { Mode } from '../scheduling/index.js';
import { CommaSeparated } from './comma-separated.js';

/** What `expand` can put beside the ids of an appointment. */
export const EXPANDABLE = ['client', 'doctor', 'service', 'resources'] as const;
export type Expandable = (typeof EXPANDABLE)[number];

export class ShortClientView {
  id: string;
  /** @example Mona */
  firstName: string;
  /** @example Hassan */
  lastName: string;
}

export class ShortDoctorView {
  id: string;
  /** @example Dr */
  title: string | null;
  /** @example Laila */
  firstName: string;
  /** @example Mansour */
  lastName: string;
  /** @example Neurology */
  speciality: string;
}

export class ShortServiceView {
  id: string;
  /** @example First visit */
  name: string;
  /** @example 30 */
  durationMinutes: number;
  /** @example IN_PERSON */
  mode: Mode;
}

export class ShortResourceView {
  id: string;
  /** @example ROOM */
  kind: string;
  /** @example Room 2 */
  name: string;
}

/** The short objects beside the ids of an appointment. */
export class ShortObjects {
  /** Only with `expand=client`. */
  client?: ShortClientView;
  /** Only with `expand=doctor`. */
  doctor?: ShortDoctorView;
  /** Only with `expand=service`. */
  service?: ShortServiceView;
  /** Only with `expand=resources`. */
  resources?: ShortResourceView[];
}

export class ExpandQuery {
  /** Short objects beside the ids, separated by commas. @example client */
  @IsOptional()
  @CommaSeparated()
  @IsArray()
  @ArrayMaxSize(EXPANDABLE.length)
  @IsIn(EXPANDABLE, { each: true })
  expand?: Expandable[];
}
