import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A random key that must not change, encrypted with the keys of the configuration, which may. */
@Entity('wrapped_key')
export class WrappedKey {
  @PrimaryColumn('text')
  name: string;

  @Column('bytea')
  wrapped: Buffer;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
