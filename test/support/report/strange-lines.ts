/** Mail that no number of a report may stumble over: strangers wrote its addresses and reasons. */

import type { MessageLine } from '../../../src/format/catalogue-line.ts';
import { messageLine } from '../archive/catalogue-message.ts';
import { STARTED } from './sample-queue-lines.ts';

const STRANGE: readonly Partial<MessageLine>[] = [
  { recipients: [{ address: 'x@far..example.' }, { address: 'y@FAR.example' }], sender: 'A@ONE.example' },
  { recipients: [{ address: 'root' }, { address: 'x@root' }], sender: 'root' },
  { recipients: [{ address: 'new@a.example', orig_address: 'old@b.example' }], sender: 'MAILER-DAEMON' },
  { recipients: [{ address: 'gone@c.example', bounce_reason: 'unknown user: "gone"' }], sender: 'mailer-daemon' },
  { recipients: [{ address: 'a@c.example', delay_reason: '', bounce_reason: ' ' }], sender: '' },
  { recipients: [{ address: '-x@-oops.example', delay_reason: '--reason' }], sender: '-oops' },
  { recipients: [{ address: `"it's $(x) \`y\`"@d.example`, delay_reason: 'can\'t `ls` $HOME \\ "quoted"' }] },
  { recipients: [{ address: 'tab\tline\n@e.example\u202e', delay_reason: 'a\nb\u0000c \u202edesrever' }] },
  { recipients: [{ address: '' }], sender: '@' },
  { recipients: [], sender: 'nobody@f.example' },
  { recipients: [{ address: `x@${'long.'.repeat(80)}example` }], recipients_omitted: 7 },
  { arrival_time: -8_640_000_000_000 },
  { arrival_time: 8_640_000_000_000 },
  { arrival_time: 0 },
  { arrival_time: Math.floor(STARTED) + 7200 },
  { message_size: Number.MAX_SAFE_INTEGER },
  { message_size: 0 },
  { queue_name: 'hold', arrival_time: Math.floor(STARTED) - 300, malformed: ['no end record'] },
  { queue_name: 'corrupt', malformed: ['no size record'] },
  { queue_name: 'saved' },
  { queue_name: 'deferred', state: 'left' },
  { queue_name: 'active', state: 'left', malformed: ['cut'] },
  { mode: 0o710 },
];

/** Each is another message. */
export function strangeLines(): MessageLine[] {
  return STRANGE.map((changes, number) =>
    messageLine({
      queue_id: `${(0xa0000 + number).toString(16).toUpperCase()}0000`,
      arrival_time: STARTED - 60 * number,
      ...changes,
    }),
  );
}
