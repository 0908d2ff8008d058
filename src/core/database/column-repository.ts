import type { InsertResult, ObjectLiteral, Repository, UpdateResult } from 'typeorm';

/**
 * The properties of an entity that are not columns: of `email` and `encryptedEmail`, only the second one is. TypeORM would not
 * write the first one, or fail only when the statement runs.
 */
type PlainField<Entity> = {
  [Name in keyof Entity & string]: `encrypted${Capitalize<Name>}` extends keyof Entity ? Name : never;
}[keyof Entity & string];

type ColumnsOnly<Entity, Values> = Omit<Values, PlainField<Entity>> & Partial<Record<PlainField<Entity>, never>>;

type Inserted<Entity extends ObjectLiteral> = ColumnsOnly<
  Entity,
  Exclude<Parameters<Repository<Entity>['insert']>[0], readonly unknown[]>
>;

/** TypeORM's repository, without the writes that would take an entity's plain fields for columns. */
export type ColumnRepository<Entity extends ObjectLiteral> = Omit<
  Repository<Entity>,
  'update' | 'insert' | 'upsert' | 'save'
> & {
  update(
    criteria: Parameters<Repository<Entity>['update']>[0],
    values: ColumnsOnly<Entity, Parameters<Repository<Entity>['update']>[1]>,
  ): Promise<UpdateResult>;
  insert(values: Inserted<Entity> | Inserted<Entity>[]): Promise<InsertResult>;
};
