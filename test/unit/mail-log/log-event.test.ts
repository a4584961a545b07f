import { describe, expect, it } from 'vitest';
import { eventOf } from '../../../src/mail-log/log-event.ts';

describe('a delivery', () => {
  it.each([
    ['Postfix before 3.11', ''],
    ['3.11', 'tls=none, '],
    ['3.11 with a connection that was lost', 'tls=may?, '],
    ['3.11 with a server without TLS', 'tls=may:none, '],
    ['3.11 with REQUIRETLS', 'tls=dane-only/!requiretls:nocertmatch, '],
  ])('is understood as %s logs it', (_, tls) => {
    const text = `40D3541638C: to=<a@example.org>, relay=mx[192.0.2.1]:25, conn_use=2, delay=1.5, delays=1.5/0/0/0.05, ${tls}dsn=2.0.0, status=sent (250 2.0.0 Ok)`;
    expect(eventOf('smtp', text)).toEqual({
      queueId: '40D3541638C',
      event: {
        kind: 'delivery',
        to: 'a@example.org',
        relay: 'mx[192.0.2.1]:25',
        delay: 1.5,
        status: 'sent',
        text: '250 2.0.0 Ok',
        isPart: false,
      },
    });
  });

  it('with anything else between its members is none', () => {
    const text =
      '40D3541638C: to=<a@example.org>, relay=mx, delay=1.5, delays=1/0/0/0, tls=a b, dsn=2.0.0, status=sent (x)';
    expect(eventOf('smtp', text)).toBeUndefined();
  });
});
