import type { Request, Response } from 'express';
import { Inject, Injectable } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import type { Logger } from 'pino';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { Semaphore } from '../../../core/concurrency/semaphore.js';
import { Config } from '../../../core/config/config.js';
import { Database } from '../../../core/database/database.js';
import { mayHaveCommitted } from '../../../core/database/database-errors.js';
import { cutOff } from '../../../core/http/cut-off.js';
import { fieldErrors } from '../../../core/http/validation.js';
import { IdempotencyKeys } from '../../../core/http/idempotency-keys.js';
import { Clock } from '../../../core/kernel/clock.js';
import { forbidden, invalid, notFound } from '../../../core/kernel/domain-error.js';
import { newId } from '../../../core/kernel/id.js';
import { LOGGER } from '../../../core/logging/logger.js';
import type { Actor } from '../../../core/security/actor.js';
import { tooMany } from '../../../core/security/flood-gate.js';
import { BlobStore } from '../../../core/storage/blob-store.js';
import { Spool, type Workspace } from '../../../core/storage/spool.js';
import type { PatientRecord } from '../dicom/patient.js';
import { tooLarge } from '../scan.errors.js';
import { ScanViews } from '../scan-views.js';
import { UploadScan, type ScanView } from '../scans.dto.js';
import { blobKey, ScansRepository, type NewScan, type RenditionName, type Renditions } from '../scans.repository.js';
import { Intake } from './intake.js';
import { receive, type Received } from './multipart.js';

/** Uploads of one user at the same time. More are refused, not queued: each holds a connection and disk space. */
const MAX_CONCURRENT_UPLOADS = 8;
const RETRY_MILLISECONDS = 1_000;
/** A clock that is somewhat ahead is no reason to refuse a picture. */
const DAY = 86_400_000;

/** A file on our disk. */
interface Arrived {
  path: string;
  received: Received;
  workspace: Workspace;
}

/** From the first byte of a form to the row: everything that happens to a file before it is a scan. */
@Injectable()
export class UploadService {
  private readonly uploads = new Semaphore({ perKey: MAX_CONCURRENT_UPLOADS });

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly scans: ScansRepository,
    private readonly blobs: BlobStore,
    private readonly spool: Spool,
    private readonly intake: Intake,
    private readonly changes: ChangeLog,
    private readonly keys: IdempotencyKeys,
    private readonly views: ScanViews,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * @param fileFields what the part with the file may be called; `file` where nothing is said
   * @throws DomainError that names what is wrong; the rest of the body is let go
   */
  async upload(actor: Actor, request: Request, response: Response, fileFields?: readonly string[]): Promise<ScanView> {
    try {
      const receiveAndTake = async (workspace: Workspace): Promise<ScanView> => {
        const path = workspace.path('upload');
        const { SCAN_MAX_BYTES: maxBytes, SCAN_STALL_SECONDS: stallSeconds } = this.config;
        const received = await receive(request, { path, maxBytes, stallSeconds, fileFields });
        return this.take(actor, request, response, { path, received, workspace });
      };
      return await this.uploads.runOrRefuse(
        actor.userId,
        () => this.spool.use(receiveAndTake),
        () => tooMany(RETRY_MILLISECONDS, MAX_CONCURRENT_UPLOADS),
      );
    } catch (error) {
      cutOff(request);
      throw error;
    }
  }

  private async take(
    actor: Actor,
    request: Request,
    response: Response,
    { path, received, workspace }: Arrived,
  ): Promise<ScanView> {
    const fields = await this.fieldsOf(received);
    const clientId = clientOf(actor, fields);
    const patient = await this.patientFor(actor, clientId);
    await this.assertRoom(clientId, received.bytes);
    const taken = await this.intake.take({ path, received, patient, owner: actor.userId }, workspace);
    const { facts, files, isTruncated } = taken;
    const id = newId();
    const { bytes, sha256 } = received;
    const scan = (renditions: Renditions): NewScan => ({
      id,
      clientId,
      uploadedBy: actor.userId,
      kind: fields.kind ?? null,
      takenAt: fields.takenAt ?? null,
      ...(renditions.original ?? { bytes, sha256 }),
      renditions,
      ...facts,
    });
    // What was asked, for the hash of the idempotency key: the body itself is gone.
    request.body = { ...fields, sha256: received.sha256 };
    return this.keep(id, files, isTruncated ? {} : { original: { bytes, sha256 } }, (renditions) =>
      this.once(request, response, () => this.record(actor, scan(renditions))),
    );
  }

  /**
   * Bytes first, then the row: a crash between leaves bytes that nobody knows, which the sweep takes. So it does where
   * the connection was lost at the commit: whether the row is there, nobody knows then.
   */
  private async keep(
    id: string,
    files: Partial<Record<RenditionName, string>>,
    measured: Renditions,
    record: (renditions: Renditions) => Promise<{ view: ScanView; replayed: boolean }>,
  ): Promise<ScanView> {
    const names = Object.keys(files) as RenditionName[];
    const renditions = await this.store(id, files, measured);
    try {
      const { view, replayed } = await record(renditions);
      if (replayed) await this.discard(id, names);
      return view;
    } catch (error) {
      if (!mayHaveCommitted(error)) await this.discard(id, names);
      throw error;
    }
  }

  /** All at once: the disk syncs several files in the time of one. */
  private async store(
    id: string,
    files: Partial<Record<RenditionName, string>>,
    measured: Renditions,
  ): Promise<Renditions> {
    const names = Object.keys(files) as RenditionName[];
    const stored = await Promise.allSettled(
      names.map((name) => this.blobs.putFile(blobKey(id, name), files[name] as string, measured[name])),
    );
    const renditions: Renditions = {};
    for (const [n, result] of stored.entries()) {
      if (result.status === 'fulfilled') renditions[names[n] as RenditionName] = result.value;
      else {
        await this.discard(id, names);
        throw result.reason;
      }
    }
    return renditions;
  }

  private async discard(id: string, names: RenditionName[]): Promise<void> {
    for (const name of names) {
      await this.blobs.delete(blobKey(id, name)).catch((error: unknown) => {
        this.logger.warn({ err: error, scanId: id }, 'bytes of a refused upload stay until the sweep');
      });
    }
  }

  private async once(
    request: Request,
    response: Response,
    record: () => Promise<ScanView>,
  ): Promise<{ view: ScanView; replayed: boolean }> {
    const key = request.headers['idempotency-key'];
    if (key === undefined) return { view: await record(), replayed: false };
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) {
      throw invalid({ field: 'Idempotency-Key', error: 'must be 1 to 200 visible ASCII characters' });
    }
    const { data, replayed } = await this.keys.once({ request, key, status: 201, work: record });
    if (replayed) response.setHeader('Idempotency-Replayed', 'true');
    return { view: data as ScanView, replayed };
  }

  private record(actor: Actor, scan: NewScan): Promise<ScanView> {
    return this.db.transaction(async () => {
      await this.scans.lockQuota(scan.clientId);
      await this.assertRoom(
        scan.clientId,
        Object.values(scan.renditions).reduce((sum, { bytes }) => sum + bytes, 0),
      );
      await this.scans.insert(scan);
      const row = await this.scans.find(scan.id);
      if (!row) throw notFound();
      const facts = { format: scan.format, bytes: scan.bytes };
      await this.changes.record({
        action: 'scan.uploaded',
        objectType: 'scan',
        objectId: scan.id,
        after: row,
        changes: facts,
      });
      return this.views.of(actor, row);
    });
  }

  /** @throws DomainError PAYLOAD_TOO_LARGE */
  private async assertRoom(clientId: string, bytes: number): Promise<void> {
    const { SCAN_CLIENT_MAX_COUNT: mostCount, SCAN_CLIENT_MAX_BYTES: mostBytes } = this.config;
    const usage = await this.scans.usage(clientId);
    if (usage.count < mostCount && usage.bytes + bytes <= mostBytes) return;
    throw tooLarge('This patient’s space for scans is used up; delete some first.', {
      reason: 'QUOTA',
      maxCount: mostCount,
      maxBytes: mostBytes,
    });
  }

  private async fieldsOf({ fields }: Received): Promise<UploadScan> {
    const request = plainToInstance(UploadScan, fields);
    const errors = await validate(request, { whitelist: true, forbidNonWhitelisted: true });
    if (errors.length > 0) throw invalid(...fieldErrors(errors));
    if (request.takenAt && Date.parse(request.takenAt) > this.clock.now() + DAY) {
      throw invalid({ field: 'takenAt', error: 'must not be in the future' });
    }
    return request;
  }

  /** @throws DomainError NOT_FOUND for a patient who is not the caller's */
  private async patientFor(actor: Actor, clientId: string): Promise<PatientRecord> {
    const isTheirs =
      actor.role === 'CLIENT'
        ? clientId === actor.clientId
        : actor.role === 'DOCTOR'
          ? await this.scans.treats(actor.doctorId, clientId)
          : await this.scans.isClientOf(actor.clinicIds, clientId);
    const patient = isTheirs ? await this.scans.patient(clientId) : null;
    if (!patient) throw notFound();
    return patient;
  }
}

function clientOf(actor: Actor, { clientId }: UploadScan): string {
  const id = clientId?.toLowerCase() ?? actor.clientId;
  if (id) return id;
  if (actor.role === 'CLIENT') throw forbidden();
  throw invalid({ field: 'clientId', error: 'must say whose scan it is' });
}
