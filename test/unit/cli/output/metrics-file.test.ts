import { describe, expect, it } from 'vitest';
import {
  type BackupMetrics,
  writeDrillMetrics,
  writeMetricsFile,
  writeVerifyMetrics,
} from '../../../../src/cli/output/metrics-file.ts';
import { encodeMetrics, findMetric } from '../../../../src/cli/output/metrics-text.ts';
import { crashChoices } from '../../../support/disk/crash-choice.ts';
import { Crash, type CrashMoment, Faults, faultyFileSystem } from '../../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../../support/disk/simulated-file-system.ts';
import { putFile, readWhole } from '../../../support/disk/tree.ts';

const GOOD: BackupMetrics = {
  began: 1000,
  ended: 3000,
  exitStatus: 0,
  taken: { messages: { hold: 2 }, oldest: 500, bytes: 10, archiveBytes: 5, passes: 10, left: 1, unreadable: 0 },
  verified: 2900,
  store: { snapshots: 4, newest: 1000 },
};
const FAILED: BackupMetrics = {
  began: 9000,
  ended: 9500,
  exitStatus: 74,
  taken: undefined,
  verified: undefined,
  store: undefined,
};

const textOn = (disk: SimulatedFileSystem) => Buffer.from(readWhole(disk, '/m/p.prom')).toString();

function newDisk(): SimulatedFileSystem {
  const disk = new SimulatedFileSystem();
  disk.mkdir('/m', 0o755);
  disk.settle();
  return disk;
}

describe('the metrics file', () => {
  it('keeps the last success, the last proof and the store across failures', () => {
    const disk = newDisk();
    writeMetricsFile(disk, '/m/p.prom', FAILED);
    expect(textOn(disk)).not.toContain('last_success');
    writeMetricsFile(disk, '/m/p.prom', GOOD);
    writeMetricsFile(disk, '/m/p.prom', FAILED);
    writeMetricsFile(disk, '/m/p.prom', FAILED);
    const text = textOn(disk);
    expect(findMetric(text, 'postsnap_backup_last_attempt_timestamp_seconds')).toBe(9);
    expect(findMetric(text, 'postsnap_backup_last_success_timestamp_seconds')).toBe(3);
    expect(findMetric(text, 'postsnap_verify_last_success_timestamp_seconds')).toBe(2.9);
    expect(findMetric(text, 'postsnap_store_snapshots')).toBe(4);
    expect(findMetric(text, 'postsnap_backup_exit_status')).toBe(74);
    expect(findMetric(text, 'postsnap_backup_messages')).toBeUndefined();
    expect(disk.lstat('/m/p.prom')?.mode).toBe(0o644);
    expect(disk.readdir('/m')).toEqual(['p.prom']);
  });

  it('has the metrics of drills beside those of backups, each as it was last', () => {
    const disk = newDisk();
    writeMetricsFile(disk, '/m/p.prom', GOOD);
    writeDrillMetrics(disk, '/m/p.prom', { began: 4000, ended: 5000, exitStatus: 0, restored: 7 });
    writeMetricsFile(disk, '/m/p.prom', FAILED);
    writeDrillMetrics(disk, '/m/p.prom', { began: 6000, ended: 7000, exitStatus: 65, restored: undefined });
    const text = textOn(disk);
    expect(findMetric(text, 'postsnap_drill_last_success_timestamp_seconds')).toBe(5);
    expect(findMetric(text, 'postsnap_drill_last_attempt_timestamp_seconds')).toBe(6);
    expect(findMetric(text, 'postsnap_drill_exit_status')).toBe(65);
    expect(findMetric(text, 'postsnap_drill_restored_messages')).toBeUndefined();
    expect(findMetric(text, 'postsnap_backup_last_success_timestamp_seconds')).toBe(3);
    expect(text.match(/^# TYPE postsnap_drill_exit_status gauge$/gmu)).toHaveLength(1);
  });

  it('has the metrics of verifications beside them, and of a backup that was read back when that was', () => {
    const disk = newDisk();
    writeMetricsFile(disk, '/m/p.prom', GOOD);
    writeDrillMetrics(disk, '/m/p.prom', { began: 4000, ended: 5000, exitStatus: 0, restored: 7 });
    const verified = () => findMetric(textOn(disk), 'postsnap_verify_last_success_timestamp_seconds');
    writeVerifyMetrics(disk, '/m/p.prom', { began: 6000, ended: 7000, exitStatus: 0 });
    expect(verified()).toBe(7);
    writeVerifyMetrics(disk, '/m/p.prom', { began: 8000, ended: 9000, exitStatus: 65 });
    writeMetricsFile(disk, '/m/p.prom', FAILED);
    expect(verified()).toBe(7);
    writeMetricsFile(disk, '/m/p.prom', { ...GOOD, verified: 12_000 });
    expect(verified()).toBe(12);
    const text = textOn(disk);
    expect(findMetric(text, 'postsnap_verify_exit_status')).toBe(65);
    expect(findMetric(text, 'postsnap_verify_last_attempt_timestamp_seconds')).toBe(8);
    expect(findMetric(text, 'postsnap_drill_restored_messages')).toBe(7);
    expect(findMetric(text, 'postsnap_store_snapshots')).toBe(4);
    const named = text.match(/^# TYPE \S+/gmu) ?? [];
    expect(new Set(named).size).toBe(named.length);
  });

  it.each<CrashMoment>(['before', 'during', 'after'])(
    'is the old one or the new one if cut off %s any call',
    (moment) => {
      const written = new Faults();
      const disk = newDisk();
      writeMetricsFile(disk, '/m/p.prom', GOOD);
      const old = textOn(disk);
      writeMetricsFile(faultyFileSystem(disk, written), '/m/p.prom', FAILED);
      const renewed = textOn(disk);
      for (const { index } of written.calls) {
        const cut = newDisk();
        writeMetricsFile(cut, '/m/p.prom', GOOD);
        cut.settle();
        const fs = faultyFileSystem(cut, new Faults().crashAt(index, moment));
        expect(() => writeMetricsFile(fs, '/m/p.prom', FAILED)).toThrow(Crash);
        for (const choice of crashChoices(10)) {
          expect([old, renewed], `call ${index}, ${choice.title}`).toContain(textOn(cut.afterCrash(choice)));
        }
      }
    },
  );

  it('that fails leaves the old one, and no other', () => {
    const disk = newDisk();
    writeMetricsFile(disk, '/m/p.prom', GOOD);
    const old = textOn(disk);
    const fs = faultyFileSystem(
      disk,
      new Faults().failWhen(({ name }) => name === 'write', 'ENOSPC'),
    );
    expect(() => writeMetricsFile(fs, '/m/p.prom', FAILED)).toThrow(expect.objectContaining({ errno: 'ENOSPC' }));
    expect(textOn(disk)).toBe(old);
    expect(disk.readdir('/m')).toEqual(['p.prom']);
    expect(disk.openDescriptors).toBe(0);
  });

  it('replaces a link, and does not follow it', () => {
    const disk = newDisk();
    putFile(disk, '/etc/passwd', { content: 'root' });
    disk.symlink('/etc/passwd', '/m/p.prom');
    writeMetricsFile(disk, '/m/p.prom', GOOD);
    expect(Buffer.from(readWhole(disk, '/etc/passwd')).toString()).toBe('root');
    expect(disk.lstat('/m/p.prom')?.type).toBe('file');
  });
});

describe('the text of metrics', () => {
  it('has labels as they are, however odd', () => {
    const text = encodeMetrics([
      { name: 'a_seconds', help: 'b\\c\nd', samples: [{ labels: { file: 'x"\\\n' }, value: 1.5 }] },
    ]);
    expect(text).toBe('# HELP a_seconds b\\\\c\\nd\n# TYPE a_seconds gauge\na_seconds{file="x\\"\\\\\\n"} 1.5\n');
    expect(findMetric(text, 'a_seconds')).toBe(1.5);
    expect(findMetric(text, 'a')).toBeUndefined();
  });
});
