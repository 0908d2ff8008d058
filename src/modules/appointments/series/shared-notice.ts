/** The one message to the patient about several appointments that are changed together. The first event that needs it carries it. */
export class SharedNotice {
  private isTaken = false;

  /** @param appointmentIds those that the message is about */
  constructor(private readonly appointmentIds: readonly string[]) {}

  /** The value of `noticeOf` in the next event: see EventDetails. */
  take(): string[] {
    if (this.isTaken) return [];
    this.isTaken = true;
    return [...this.appointmentIds];
  }
}
