import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../../core/database/checks.js';
import { type Disposition, DISPOSITIONS } from '../answers/disposition.js';

const SOURCES = ['RULES', 'MODEL', 'FALLBACK'] as const;
export type Source = (typeof SOURCES)[number];

@Index('conversation_message_order', ['conversationId', 'id'])
@Index('conversation_message_reply', ['repliesTo'], { unique: true, where: 'replies_to IS NOT NULL' })
@Entity('conversation_message')
export class ConversationMessage {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('conversation', { onDelete: 'CASCADE' })
  @Column('uuid')
  conversationId: string;

  @Column('uuid')
  userId: string;

  @Check('conversation_message_role_check', `role IN ('USER', 'ASSISTANT')`)
  @Column('text')
  role: 'USER' | 'ASSISTANT';

  /** The question that an answer belongs to. */
  @Column('uuid', { nullable: true })
  repliesTo: string | null;

  /** The encrypted text, or the whole answer. */
  @Column('bytea')
  sealed: Buffer;

  @Check('conversation_message_disposition_check', isOneOf('disposition', DISPOSITIONS))
  @Column('text', { nullable: true })
  disposition: Disposition | null;

  @Check('conversation_message_source_check', isOneOf('source', SOURCES))
  @Column('text', { nullable: true })
  source: Source | null;

  @Column('text', { nullable: true })
  model: string | null;

  @Column('int', { nullable: true })
  tokens: number | null;

  @Column('int', { nullable: true })
  redactions: number | null;

  @Column('bytea', { nullable: true })
  promptHash: Buffer | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
