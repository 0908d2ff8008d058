import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A row that failed, with its cells and errors. */
@Index('import_row_number', ['importId', 'rowNumber'], { unique: true })
@Entity('import_row')
export class ImportRow {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('import', { onDelete: 'CASCADE' })
  @Column('uuid')
  importId: string;

  /** As the spreadsheet program shows it. */
  @Column('int')
  rowNumber: number;

  /** Encrypted: it contains a person. */
  @Column('bytea', { name: 'content' })
  encryptedContent: Buffer;
}
