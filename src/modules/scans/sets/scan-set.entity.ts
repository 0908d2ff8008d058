import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** The images of one DICOM study of a patient. */
@Index('scan_set_client', ['clientId', 'id'], { where: 'deleted_at IS NULL' })
@Entity('scan_set')
export class ScanSet {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('client')
  @Column('uuid')
  clientId: string;

  @ForeignKey('user_account')
  @Column('uuid')
  uploadedBy: string;

  @Column('text')
  studyInstanceUid: string;

  @Column('text', { nullable: true })
  kind: string | null;

  @Column('timestamptz', { nullable: true })
  takenAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  deletedAt: Date | null;
}
