export class MobileMessageView {
  /** @example Deleted. */
  message: string;
}
