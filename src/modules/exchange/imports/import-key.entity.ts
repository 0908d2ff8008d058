import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The record of an imported row, by a keyed hash of clinic, kind, and the row's id in the other system or what identifies it. */
@Index('import_key_record', ['recordId'])
@Entity('import_key')
export class ImportKey {
  @PrimaryColumn('bytea')
  key: Buffer;

  /** Of a patient, doctor or service. */
  @Column('uuid')
  recordId: string;
}
