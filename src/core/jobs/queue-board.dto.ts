export class QueueBoardView {
  /** @example /ops/queues */
  url: string;
}
