import { Gauge, Registry } from 'prom-client';
import { replaceFile } from './backup-folder.js';

/** Not in /metrics: the command ends before anybody could read it there, so it leaves a file (docs/backup.md). */
export const backupRegistry = new Registry();

const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers: [backupRegistry] });

const lastSuccess = gauge(
  'careslot_backup_last_success_timestamp_seconds',
  'Time of the state in the newest complete backup, in seconds since 1970',
);
const size = gauge('careslot_backup_size_bytes', 'Bytes of the newest complete backup');
const duration = gauge('careslot_backup_duration_seconds', 'Time that the newest complete backup took');
const damaged = gauge(
  'careslot_backup_damaged_files',
  'Files that rows name and that the newest backup does not have, or not as they were uploaded',
);

interface FinishedBackup {
  takenAt: string;
  bytes: number;
  seconds: number;
  damagedFiles: number;
}

/**
 * Replaces a file for the textfile collector of node_exporter, which runs as another user. A backup that fails leaves it as it is, so that
 * the age of the newest backup grows.
 */
export async function writeBackupMetrics(path: string, backup: FinishedBackup): Promise<void> {
  lastSuccess.set(new Date(backup.takenAt).getTime() / 1_000);
  size.set(backup.bytes);
  duration.set(backup.seconds);
  damaged.set(backup.damagedFiles);
  await replaceFile(path, await backupRegistry.metrics(), 0o644);
}
