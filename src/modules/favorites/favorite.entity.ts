import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

@Index('favorite_doctor', ['doctorId'])
@Index('favorite_list', ['userId', 'id'])
@Unique(['userId', 'doctorId'])
@Entity('favorite')
export class Favorite {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('user_account')
  @Column('uuid')
  userId: string;

  @ForeignKey('doctor')
  @Column('uuid')
  doctorId: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
