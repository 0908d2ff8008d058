import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

@Index('conversation_expires', ['expiresAt'])
@Index('conversation_user', ['userId', 'updatedAt', 'id'])
@Entity('conversation')
export class Conversation {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('user_account')
  @Column('uuid')
  userId: string;

  @ForeignKey('clinic')
  @Column('uuid', { nullable: true })
  clinicId: string | null;

  @Column('text')
  locale: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt: Date;

  @Column('timestamptz')
  expiresAt: Date;
}
