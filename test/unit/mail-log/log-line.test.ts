import { describe, expect, it } from 'vitest';
import { LogLineReader } from '../../../src/mail-log/log-line.ts';

const NOW = new Date(2026, 10, 27, 12, 0, 0).getTime() / 1000;
const MOMENT = new Date(2026, 10, 27, 7, 8, 51).getTime() / 1000;

function read(line: string) {
  return new LogLineReader(NOW).read(line);
}

describe('lines of a mail log', () => {
  it.each([
    ['of a syslog daemon, and of postlogd', 'Nov 27 07:08:51 mail postfix/qmgr[3638]: ADBB5422244: removed', MOMENT],
    ['with a day of one digit', 'Nov  7 07:08:51 mail postfix/qmgr[3638]: ADBB5422244: removed', MOMENT - 20 * 86_400],
    ['of last year', 'Dec 27 07:08:51 mail postfix/qmgr[1]: ADBB5422244: removed', MOMENT - 335 * 86_400],
    [
      'in ISO form',
      '2026-11-27T06:08:51.5+00:00 mail postfix/qmgr[1]: ADBB5422244: removed',
      Date.UTC(2026, 10, 27, 6, 8, 51) / 1000 + 0.5,
    ],
    [
      'of journalctl -o short-iso',
      '2026-11-27T07:08:51+0100 mail postfix/qmgr[1]: ADBB5422244: removed',
      Date.UTC(2026, 10, 27, 6, 8, 51) / 1000,
    ],
    [
      'of journalctl -o short-iso-precise',
      '2026-11-27T07:08:51.250000+0100 mail postfix/qmgr[1]: ADBB5422244: removed',
      Date.UTC(2026, 10, 27, 6, 8, 51) / 1000 + 0.25,
    ],
  ])('%s', (_, line, time) => {
    expect(read(line)).toEqual({
      time,
      host: 'mail',
      syslogName: 'postfix',
      program: 'qmgr',
      text: 'ADBB5422244: removed',
    });
  });

  it('the name of an instance and of a service stand before the program', () => {
    const line = 'Nov 27 07:08:51 mail postfix-out/submission/smtpd[3638]: ADBB5422244: client=a[127.0.0.1]';
    expect(read(line)).toMatchObject({ syslogName: 'postfix-out/submission', program: 'smtpd' });
  });

  it.each([
    'Nov 27 07:08:51 mail kernel: out of memory',
    'Xyz 27 07:08:51 mail postfix/qmgr[1]: ADBB5422244: removed',
    '-- Boot 0123 --',
    '',
    '2026-13-27T07:08:51 mail postfix/qmgr[1]: ADBB5422244: removed',
  ])('%s is none of Postfix', (line) => {
    expect(read(line)).toBeUndefined();
  });
});
