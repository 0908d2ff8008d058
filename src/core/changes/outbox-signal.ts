import { Injectable } from '@nestjs/common';

/** Notifies the relay of this process that rows were committed. Optional: the relay also polls. */
@Injectable()
export class OutboxSignal {
  private listener: () => void = () => undefined;

  onCommit(listener: () => void): void {
    this.listener = listener;
  }

  committed(): void {
    this.listener();
  }
}
