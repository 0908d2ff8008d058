import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Whether processes of an earlier build keep working after a migration (docs/operations.md). */
@Entity('migration_mark')
export class MigrationMark {
  @PrimaryColumn('text')
  name: string;

  @Column('boolean')
  additive: boolean;
}
