import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../src/core/kernel/id.js';
import { PRODUCTION, TestApp, type TestPatient } from './app.js';
import { png } from './pictures.js';
import { TestProcess } from './processes.js';
import { findBookableService, type BookableService } from './slots.js';
import { startSlowModel } from './slow-model.js';
import { SmtpSink } from './smtp-sink.js';

/** What several processes in production share: database, mail server, chat model, files; and its people. It starts no process. */
export class ScaledInstallation {
  private constructor(
    readonly app: TestApp,
    readonly smtp: SmtpSink,
    private readonly model: Awaited<ReturnType<typeof startSlowModel>>,
    private readonly folder: string,
    readonly environment: Record<string, string>,
    readonly video: BookableService,
    readonly patients: TestPatient[],
    /** A token of the clinic's front desk. */
    readonly desk: string,
    readonly picture: Buffer,
  ) {}

  static async create(drainSeconds: number, patientCount: number): Promise<ScaledInstallation> {
    const smtp = await new SmtpSink().start();
    const model = await startSlowModel();
    const folder = await mkdtemp(join(tmpdir(), 'careslot-scale-'));
    const own = { JWT_SECRET: PRODUCTION.JWT_SECRET };
    const app = await TestApp.start({ ...own, JOBS_IN_PROCESS: 'false' });
    const video = await findBookableService(app, 'Video visit');
    const patients = await app.patients(patientCount);
    const { rows } = await app.db.query<{ id: string }>(`SELECT clinic_id AS id FROM doctor WHERE id = $1`, [
      video.doctorId,
    ]);
    const desk = app.tokenFor({ userId: newId(), role: 'STAFF', clinicIds: [rows[0]?.id as string] });
    await app.stopServing();
    const environment = {
      ...app.environment,
      ...PRODUCTION,
      ...own,
      STORAGE_DIR: folder,
      JOBS_IN_PROCESS: 'false',
      JOBS_SWEEP_SECONDS: '1',
      SHUTDOWN_DRAIN_SECONDS: String(drainSeconds),
      SMTP_URL: smtp.url(),
      SMTP_REQUIRE_TLS: 'false',
      MAIL_FROM: 'CareSlot <mail@clinic.example>',
      AI_ENABLED: 'true',
      AI_BASE_URL: model.url,
      AI_TOKENS_PER_DAY: '10000000',
    };
    return new ScaledInstallation(app, smtp, model, folder, environment, video, patients, desk, await png(640, 480));
  }

  /** Starts a worker, and waits until it runs jobs. */
  async startWorker(): Promise<TestProcess> {
    const worker = new TestProcess('src/worker.ts', { ...this.environment, LOG_LEVEL: 'info' });
    await worker.listeningPort();
    return worker;
  }

  async close(): Promise<void> {
    await this.app.close();
    await Promise.all([this.smtp.close(), this.model.close()]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
