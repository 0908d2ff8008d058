export class MobileHealthView {
  /** @example OK */
  status: string;
}
