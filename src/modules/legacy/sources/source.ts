import type { Zone } from '../../../core/kernel/zone.js';
import type { Fields } from '../fields.js';
import type { ItemKind, LegacyItems } from '../legacy-data.js';

export const SOURCE_NAMES = ['neuroaid', 'mongodb', 'postgresql', 'calcom', 'easyappointments'] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** A record as it was read. */
export interface SourceRow {
  file: string;
  /** Null in files whose records have no line of their own. */
  line: number | null;
  /** Null if the record cannot be read; then there is an error. */
  fields: Fields | null;
  error?: string;
}

/** A file, table or collection that is not migrated. */
export interface UnknownList {
  file: string;
  name: string;
  rows: number;
}

export interface MappingOptions {
  /** The time zone of times without an offset. */
  zone: Zone;
  /** The instant of the run, in epoch milliseconds. */
  now: number;
}

/** Converts a record, or throws a DomainError that tells what is wrong with which field. */
export type Mapping = { [Kind in ItemKind]?: (fields: Fields, options: MappingOptions) => LegacyItems[Kind] };

/** Another system's data in a folder. */
export interface LegacySource {
  readonly name: SourceName;
  readonly mapping: Mapping;
  rows(kind: ItemKind): AsyncIterable<SourceRow>;
  /** What `rows` never returns. */
  findUnknown(): Promise<UnknownList[]>;
}
