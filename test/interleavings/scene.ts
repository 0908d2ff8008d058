import type { TestApp, Answer, TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';

/** Each run has four hours of its own: six runs a day, on DAYS days of one clinic. */
const WINDOWS_PER_DAY = 6;
const FIRST_DAY = 3;
const DAYS = 300;
const PATIENTS_AT_ONCE = 120;
export const PATIENTS_PER_RUN = 3;

/** A place in the schedule: one of two doctors, and an hour from the beginning of the run's time. */
export interface Place {
  doctor: 0 | 1;
  hour: 0 | 1 | 2 | 3;
}

/** A clinic of two doctors, with a new time and new patients for each run. */
export class Stage {
  private runs = 0;
  private waitingPatients: TestPatient[] = [];

  private constructor(
    readonly app: TestApp,
    private clinic: TestClinic,
    private serviceId: string,
    /** The applications that have a session each. */
    readonly urls: readonly string[],
  ) {}

  static async open(app: TestApp, urls: readonly string[]): Promise<Stage> {
    const clinic = await openTwoDoctors(app);
    return new Stage(app, clinic, await aService(app, clinic), urls);
  }

  /** The scene of the next run. */
  async next(): Promise<Scene> {
    if (this.runs === WINDOWS_PER_DAY * DAYS) {
      this.runs = 0;
      this.clinic = await openTwoDoctors(this.app);
      this.serviceId = await aService(this.app, this.clinic);
    }
    const day = FIRST_DAY + Math.floor(this.runs / WINDOWS_PER_DAY);
    const firstHour = (this.runs % WINDOWS_PER_DAY) * 4;
    this.runs += 1;
    if (this.waitingPatients.length < PATIENTS_PER_RUN)
      this.waitingPatients = await this.app.patients(PATIENTS_AT_ONCE);
    const patients = this.waitingPatients.splice(0, PATIENTS_PER_RUN);
    return new Scene(this.app, this.clinic, this.serviceId, patients, { day, firstHour });
  }

  /** Opens what a run has closed, and lets each application read the schedule: a cold cache would need another statement. */
  async reset(): Promise<void> {
    await this.app.db.query('DELETE FROM clinic_closure WHERE clinic_id = $1', [this.clinic.id]);
    await this.app.db.query(
      `DELETE FROM schedule_exception WHERE resource_id IN (SELECT resource_id FROM doctor WHERE clinic_id = $1)`,
      [this.clinic.id],
    );
    const day = at(FIRST_DAY).slice(0, 10);
    for (const url of this.urls)
      await this.app.call('GET', `${url}/api/v1/availability?serviceId=${this.serviceId}&from=${day}&to=${day}`);
  }
}

const openTwoDoctors = (app: TestApp): Promise<TestClinic> =>
  // A limit, so that bookings count those of their patient.
  openClinic(app, { doctors: 2, policy: { horizonDays: 365, maxUpcomingPerClient: 50 } });

/** What one run works on. */
export class Scene {
  constructor(
    readonly app: TestApp,
    readonly clinic: TestClinic,
    readonly serviceId: string,
    readonly patients: readonly TestPatient[],
    private readonly window: { day: number; firstHour: number },
  ) {}

  get day(): string {
    return at(this.window.day).slice(0, 10);
  }

  time(hour: number): string {
    return `${String(this.window.firstHour + hour).padStart(2, '0')}:00`;
  }

  start(hour: number): string {
    return at(this.window.day, this.time(hour));
  }

  /** The end of the run's time; later in the day is another run's. */
  get end(): string {
    return new Date(Date.parse(this.start(3)) + 3_600_000).toISOString();
  }

  body({ doctor, hour }: Place): object {
    return { serviceId: this.serviceId, doctorId: this.clinic.doctorIds[doctor], startDateTime: this.start(hour) };
  }

  patient(index: number): TestPatient {
    const patient = this.patients[index];
    if (!patient) throw new Error('no such patient');
    return patient;
  }

  /** How many appointments the run's time has. */
  async countAppointments(): Promise<number> {
    const { rows } = await this.app.db.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM appointment WHERE clinic_id = $1 AND start_at >= $2 AND start_at < $3',
      [this.clinic.id, this.start(0), this.end],
    );
    return rows[0]?.n ?? -1;
  }

  /** An appointment from before the run. @returns its id */
  async booked(patient: number, place: Place): Promise<string> {
    const { token } = this.patient(patient);
    const answer: Answer = await this.app.call('POST', '/api/v1/appointments', { token, body: this.body(place) });
    if (answer.status !== 201) throw new Error(`The appointment was not booked: ${JSON.stringify(answer.body)}`);
    return answer.data.id as string;
  }
}
