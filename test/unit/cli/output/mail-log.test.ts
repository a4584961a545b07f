import { describe, expect, it } from 'vitest';
import { MailLog, runLine } from '../../../../src/cli/output/mail-log.ts';
import type { LogPriority } from '../../../../src/postfix/postlog.ts';
import type { MessageMapping } from '../../../../src/restore/options.ts';

const MAPPING: MessageMapping = {
  queue_name: 'active',
  queue_id: 'ABC1',
  new_queue_name: 'incoming',
  new_queue_id: 'ABC2',
  action: 'restored',
  reason: null,
  findings: [],
};

function recorded(fault?: string) {
  const written: [readonly string[], LogPriority][] = [];
  const warnings: string[] = [];
  const log = new MailLog({
    write: (lines, priority) => {
      written.push([lines, priority]);
      return fault;
    },
    warn: (text) => warnings.push(text),
  });
  return { log, written, warnings };
}

describe('a run in the mail log', () => {
  it('has a line for each message that was restored, and one for itself', () => {
    const { log, written, warnings } = recorded();
    log.addMapping(MAPPING);
    log.addMapping({ ...MAPPING, action: 'already_present' });
    log.end(runLine('restore', 0, [['restored', 1]]), 0);
    expect(written).toEqual([
      [['ABC2: restored, orig_id=ABC1, orig_queue=active, queue=incoming'], 'info'],
      [['restore: status=0, restored=1'], 'info'],
    ]);
    expect(warnings).toEqual([]);
  });

  it('that failed ends with a warning, in one line', () => {
    const { log, written } = recorded();
    log.end(runLine('restore', 74, [['reason', 'disk\nfull']]), 74);
    expect(written).toEqual([[['restore: status=74, reason=disk?full'], 'warn']]);
  });

  it('is handed over in parts, and in order', () => {
    const { log, written } = recorded();
    for (let at = 0; at < 2500; at += 1) {
      log.addMapping({ ...MAPPING, new_queue_id: `N${at}` });
    }
    log.end('restore: status=0', 0);
    expect(written.map(([lines]) => lines.length)).toEqual([1000, 1000, 500, 1]);
    expect(written.flatMap(([lines]) => lines).at(2499)).toMatch(/^N2499: /u);
  });

  it('is given up where the log can not be written, with one warning', () => {
    const { log, written, warnings } = recorded('no room');
    for (let at = 0; at < 2500; at += 1) {
      log.addMapping(MAPPING);
    }
    log.end('restore: status=0', 0);
    expect(written).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining('no room')]);
  });
});
