import { IsUUID } from 'class-validator';

export class AddGuardian {
  /** The guardian's own patient record. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a11 */
  @IsUUID()
  clientId: string;
}

export class GuardianView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a12 */
  id: string;
  /** The guardian's own patient record. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a11 */
  clientId: string;
  /** @example Mona */
  firstName: string;
  /** @example Hassan */
  lastName: string;
  /** The clinic that linked them. */
  clinicId: string;
  /** The child's 18th birthday: the first day on which the guardian can no longer act. @example 2031-04-02 */
  endsOn: string;
  createdAt: Date;
}

export class ChildView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a12 */
  id: string;
  /** The child's patient record, for `clientId` of other routes. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a11 */
  clientId: string;
  /** @example Omar */
  firstName: string;
  /** @example Hassan */
  lastName: string;
  /** The child's 18th birthday: the first day on which you can no longer act. @example 2031-04-02 */
  endsOn: string;
}
