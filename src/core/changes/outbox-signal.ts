import { Injectable } from '@nestjs/common';

/** Says to this process's relay that rows were committed. Only a hint: the relay looks by itself too. */
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
