import { eventually } from '../support/eventually.js';
import { EventBoard } from '../support/event-board.js';
import type { World } from './world.js';

const WITHIN_MILLISECONDS = 60_000;
/** Each board is at another process. */
const [DESK, PATIENT] = [0, 1];

/** Dashboards of the front desk and of a patient, which reconnect and synchronise as docs/realtime.md says. */
export class Boards {
  private constructor(
    private readonly desk: EventBoard,
    private readonly patient: EventBoard,
    private readonly clientId: string,
  ) {}

  static async open(world: World): Promise<Boards> {
    const [patient] = world.patients as [World['patients'][number]];
    const url = (index: number): string => world.apis[index]?.url as string;
    return new Boards(
      await EventBoard.open(url(DESK), world.visits.clinic.staff, ['websocket'], null),
      await EventBoard.open(url(PATIENT), patient.token, ['websocket'], null),
      patient.clientId,
    );
  }

  /** I9: after the fault, the boards know what the answers said, and a patient knows nothing of others. */
  async compare({ log }: World, since: number): Promise<string[]> {
    const operations = log.operations.slice(since).filter(({ outcome }) => outcome === 'acknowledged');
    const booked = operations.filter(({ kind }) => kind === 'book');
    const cancelled = operations.filter(({ kind }) => kind === 'cancel');
    const own = booked.filter(({ requested }) => requested.clientId === this.clientId);
    try {
      await eventually(async () => {
        const missing = [
          ...booked.filter(({ ids: [id = ''] }) => !this.desk.created.has(id)).map(() => 'booking'),
          ...cancelled.filter(({ ids: [id = ''] }) => !this.desk.cancelled.has(id)).map(() => 'cancellation'),
          ...own
            .filter(({ ids: [id = ''] }) => !this.patient.created.has(id))
            .map(() => "booking of the patient's own"),
        ];
        if (missing.length > 0) throw new Error(`${missing.length} events never arrived, such as a ${missing[0]}`);
      }, WITHIN_MILLISECONDS);
    } catch (error) {
      return [`I9: ${(error as Error).message}`];
    }
    const foreign = log.operations
      .filter(({ kind, requested }) => kind === 'book' && requested.clientId !== this.clientId)
      .filter(({ ids: [id = ''] }) => this.patient.created.has(id));
    return foreign.map(({ ids: [id] }) => `I9: a patient received the visit ${id} of another patient`);
  }

  close(): void {
    this.desk.close();
    this.patient.close();
  }
}
