import { Check, Column, CreateDateColumn, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Index('faq_order', ['position', 'id'])
@Index('faq_search', ['search'], { type: 'gin' })
@Unique(['topic', 'locale'])
@Entity('faq')
export class Faq {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  topic: string;

  @Column('text')
  locale: string;

  @Column('text')
  question: string;

  @Column('text')
  answer: string;

  @Column('text', { nullable: true })
  category: string | null;

  @Check('faq_position_check', '"position" >= 0 AND "position" <= 100000')
  @Column('int', { default: 0 })
  position: number;

  @Column('int', { default: 1 })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', update: false })
  createdAt: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt: Date;

  /** The question, for full-text search. */
  @Column({
    type: 'tsvector',
    generatedType: 'STORED',
    asExpression: `to_tsvector('simple'::regconfig, search_fold(question))`,
    nullable: true,
    select: false,
  })
  questionSearch?: string | null;

  /** Question, category and answer, for full-text search. */
  @Column({
    type: 'tsvector',
    generatedType: 'STORED',
    asExpression: `((setweight(to_tsvector('simple'::regconfig, search_fold(question)), 'A'::"char") || setweight(to_tsvector('simple'::regconfig, search_fold(COALESCE(category, ''::text))), 'B'::"char")) || setweight(to_tsvector('simple'::regconfig, search_fold(answer)), 'C'::"char"))`,
    nullable: true,
    select: false,
  })
  search?: string | null;
}
