import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/byte-source.ts';
import type { MessageQueueName } from '../../../src/queue/queue-name.ts';
import { type ExaminationLimits, examineQueueFile } from '../../../src/record/examine.ts';
import { describeFault, type RecordFault } from '../../../src/record/record-fault.ts';
import {
  ENVELOPE,
  type LetterRecord,
  maildropFile,
  queueFile,
  recordsOf,
} from '../../support/queue/queue-file-builder.ts';

function faults(bytes: Uint8Array, queueName: MessageQueueName, limits?: ExaminationLimits): readonly RecordFault[] {
  return examineQueueFile(bytesSource(bytes), queueName, limits).faults;
}

function kinds(bytes: Uint8Array, queueName: MessageQueueName, limits?: ExaminationLimits): string[] {
  return faults(bytes, queueName, limits).map(({ kind }) => kind);
}

function without(letter: string): readonly LetterRecord[] {
  return ENVELOPE.filter(([candidate]) => candidate !== letter);
}

/** Where the first record of a type is, by its letter and the first characters of its payload. */
function at(bytes: Buffer, letter: string, payload: string): number {
  return bytes.indexOf(Buffer.from(payload, 'latin1')) - (payload.length > 0x7f ? 3 : 2) + (letter.length - 1);
}

describe('a sound file', () => {
  it.each(['incoming', 'active', 'deferred', 'hold', 'corrupt', 'saved', 'maildrop'] as const)('in %s', (queueName) => {
    expect(faults(queueFile(), queueName)).toEqual([]);
  });

  it('in maildrop, as postdrop makes it: no size record', () => {
    expect(faults(maildropFile(), 'maildrop')).toEqual([]);
    expect(kinds(maildropFile(), 'deferred')).toEqual(['missing-size']);
  });

  it('with all recipients done: qmgr removes it, pickup would delete it', () => {
    const bytes = queueFile({ envelope: [...without('R'), ['D', 'bob@example.com']] });
    expect(faults(bytes, 'deferred')).toEqual([]);
    expect(kinds(bytes, 'maildrop')).toEqual(['missing-recipient']);
  });

  it('with padding and dummy pointers in the message', () => {
    const content: LetterRecord[] = [
      ['N', 'Subject: x'],
      ['p', '              0'],
      ['w', '   0'],
      ['N', ''],
      ['L', 'a long '],
      ['N', 'line'],
      ['p', '              0'],
    ];
    expect(faults(queueFile({ content }), 'deferred')).toEqual([]);
    expect(faults(queueFile({ content }), 'maildrop')).toEqual([]);
  });

  it('of Postfix before 2.3, with seconds only', () => {
    const envelope: LetterRecord[] = [['T', '1000000000'], ...without('T')];
    const { envelope: read, faults: found } = examineQueueFile(bytesSource(queueFile({ envelope })), 'deferred');
    expect(found).toEqual([]);
    expect(read.arrival).toEqual({ seconds: 1_000_000_000, microseconds: 0 });
  });
});

describe('records that can not be read', () => {
  const sound = queueFile();
  const end = sound.length - 2;

  it('the file ends without an end record', () => {
    expect(faults(sound.subarray(0, end), 'deferred')).toEqual([{ kind: 'missing-end', offset: end }]);
    expect(faults(new Uint8Array(), 'maildrop')).toEqual([{ kind: 'missing-end', offset: 0 }]);
  });

  it('the file ends within a record, wherever it is cut', () => {
    for (let length = 1; length < sound.length; length += 1) {
      const found = kinds(sound.subarray(0, length), 'deferred');
      expect(found.some((kind) => kind === 'cut-record' || kind === 'missing-end')).toBe(true);
    }
  });

  it('what follows the end record does not matter', () => {
    expect(faults(Buffer.concat([sound, Buffer.from('anything')]), 'deferred')).toEqual([]);
  });

  it('a type of 0, which pickup took for the end of a segment until 2026', () => {
    const bytes = maildropFile({ envelope: [...ENVELOPE, ['\0', '']] });
    const offset = recordsOf(ENVELOPE).length;
    expect(faults(bytes, 'maildrop')).toEqual([{ kind: 'null-type', offset }]);
    expect(faults(bytes, 'deferred')).toEqual([{ kind: 'null-type', offset }]);
  });

  it('a length of five bytes', () => {
    const bytes = Buffer.from([0x54, 0x81, 0x80, 0x80, 0x80, 0x00, 0x30]);
    expect(faults(bytes, 'deferred')).toEqual([{ kind: 'overlong-length', offset: 0 }]);
  });

  it('a length of four bytes is not too long', () => {
    const bytes = Buffer.concat([Buffer.from([0x46, 0x81, 0x80, 0x80, 0x00, 0x30]), maildropFile()]);
    expect(faults(bytes, 'maildrop')).toEqual([]);
  });
});

describe('pointer records', () => {
  it.each(['x', '-1', '12x', '12 ', '99999999'])('with the target %j', (target) => {
    const bytes = maildropFile({ envelope: [...ENVELOPE, ['p', target]] });
    expect(faults(bytes, 'maildrop')).toEqual([{ kind: 'bad-pointer', offset: recordsOf(ENVELOPE).length }]);
  });

  it.each(['', ' ', '0', '              0'])('with the target %j lead nowhere', (target) => {
    expect(faults(maildropFile({ envelope: [...ENVELOPE, ['p', target]] }), 'maildrop')).toEqual([]);
  });

  it('that lead to themselves, or back', () => {
    const own = recordsOf(ENVELOPE).length;
    for (const target of [own, recordsOf(ENVELOPE.slice(0, 1)).length]) {
      const bytes = maildropFile({ envelope: [...ENVELOPE, ['p', String(target).padStart(15)]] });
      expect(kinds(bytes, 'maildrop')).toEqual(['pointer-loop']);
    }
  });
});

describe('the size record', () => {
  it.each([
    '',
    'x',
    '              0               0               0               0               0               0',
    '             10             300',
    '             -1             300               1               0               0               0',
    '             10              -1               1               0               0               0',
    '             10             300               1              32               0               0',
    '             10             300               1               0              -5               0',
  ])('%j is none that qmgr takes', (size) => {
    expect(kinds(queueFile({ size }), 'deferred')).toContain('bad-size');
    expect(faults(queueFile({ size }), 'maildrop')).toEqual([]);
  });

  it('must say where the message starts, and how long it is', () => {
    const sound = queueFile();
    const { dataOffset = 0, dataSize = 0 } = examineQueueFile(bytesSource(sound), 'deferred').envelope.size ?? {};
    const pad = (value: number): string => String(value).padStart(15);
    const shifted = queueFile({ size: [dataSize, dataOffset + 1, 1, 0, 0, 0].map(pad).join(' ') });
    expect(faults(shifted, 'deferred')).toEqual([
      { kind: 'wrong-data-offset', offset: dataOffset, expected: dataOffset + 1 },
      { kind: 'wrong-data-size', offset: dataOffset + dataSize, expected: dataOffset + dataSize + 1 },
    ]);
    const longer = queueFile({ size: [dataSize + 1, dataOffset, 1, 0, 0, 0].map(pad).join(' ') });
    expect(kinds(longer, 'deferred')).toEqual(['wrong-data-size']);
  });

  it('of before Postfix 1.0 leaves that to the message record', () => {
    const size: LetterRecord = ['C', '             42'];
    const head = recordsOf([size, ...ENVELOPE]);
    const content = recordsOf([['N', 'Subject: x']]);
    const end = head.length + 2 + 15 + content.length;
    const bytes = (told: number): Buffer =>
      Buffer.concat([
        head,
        recordsOf([['M', String(told).padStart(15)]]),
        content,
        recordsOf([
          ['X', ''],
          ['E', ''],
        ]),
      ]);
    expect(faults(bytes(end), 'deferred')).toEqual([]);
    expect(kinds(bytes(end + 2), 'deferred')).toEqual(['wrong-data-size']);
  });
});

describe('what must be there', () => {
  it('the sender', () => {
    expect(kinds(queueFile({ envelope: without('S') }), 'deferred')).toEqual(['missing-sender']);
    expect(kinds(maildropFile({ envelope: without('S') }), 'maildrop')).toContain('missing-sender');
  });

  it('the null sender is one', () => {
    const envelope = ENVELOPE.map((record): LetterRecord => (record[0] === 'S' ? ['S', ''] : record));
    expect(faults(queueFile({ envelope }), 'deferred')).toEqual([]);
    expect(faults(maildropFile({ envelope }), 'maildrop')).toEqual([]);
  });

  it('the arrival time, which pickup takes from the file if need be', () => {
    expect(kinds(queueFile({ envelope: without('T') }), 'deferred')).toEqual(['missing-time']);
    expect(faults(maildropFile({ envelope: without('T') }), 'maildrop')).toEqual([]);
    expect(kinds(maildropFile({ envelope: [['T', '0 0'], ...without('T')] }), 'maildrop')).toEqual(['missing-time']);
  });

  it('in maildrop, one sender, before the recipients', () => {
    const second = maildropFile({ envelope: [...ENVELOPE, ['S', 'eve@example.com']] });
    expect(kinds(second, 'maildrop')).toEqual(['second-sender']);
    const late = maildropFile({ envelope: [...without('S'), ['S', 'alice@example.com']] });
    expect(kinds(late, 'maildrop')).toEqual(['early-recipient']);
  });

  it('a message', () => {
    const bytes = recordsOf([...ENVELOPE, ['E', '']]);
    expect(faults(bytes, 'maildrop')).toEqual([
      { kind: 'unexpected-type', offset: bytes.length - 2, type: 0x45, segment: 'envelope' },
    ]);
  });
});

describe('records where they must not be', () => {
  it.each(['N', 'X', 'Q', '\xff'])('%j in the envelope', (letter) => {
    expect(kinds(queueFile({ envelope: [...ENVELOPE, [letter, 'x']] }), 'deferred')).toEqual(['unexpected-type']);
    expect(kinds(maildropFile({ envelope: [...ENVELOPE, [letter, 'x']] }), 'maildrop')).toContain('unexpected-type');
  });

  it.each(['R', 'A', 'E', 'M', 'T'])('%j in the message', (letter) => {
    const content: LetterRecord[] = [
      ['N', 'Subject: x'],
      [letter, 'x=y'],
    ];
    expect(kinds(queueFile({ content }), 'deferred')).toContain('unexpected-type');
    expect(kinds(maildropFile({ content }), 'maildrop')).toContain('unexpected-type');
  });

  it.each(['N', 'X', 'S', 'T'])('%j behind the message, for pickup', (letter) => {
    expect(kinds(maildropFile({ extracted: [[letter, '1']] }), 'maildrop')).toContain('unexpected-type');
  });

  it('padding outside the message, which pickup passes over and qmgr does not', () => {
    const envelope: LetterRecord[] = [...ENVELOPE, ['w', '  0']];
    expect(kinds(queueFile({ envelope }), 'deferred')).toEqual(['unexpected-type']);
    expect(faults(maildropFile({ envelope }), 'maildrop')).toEqual([]);
  });
});

describe('limits and values', () => {
  it('line_length_limit, which only pickup heeds', () => {
    const content: LetterRecord[] = [['N', 'x'.repeat(2049)]];
    expect(kinds(maildropFile({ content }), 'maildrop')).toEqual(['long-record']);
    expect(faults(maildropFile({ content }), 'maildrop', { lineLengthLimit: 4096 })).toEqual([]);
    expect(faults(queueFile({ content }), 'deferred')).toEqual([]);
  });

  it('queue_file_attribute_count_limit', () => {
    const many = Array.from({ length: 100 }, (_, index): LetterRecord => ['A', `name${index}=value`]);
    expect(kinds(maildropFile({ envelope: [...ENVELOPE, ...many] }), 'maildrop')).toEqual(['many-attributes']);
    expect(faults(maildropFile({ envelope: [...ENVELOPE, ...many.slice(1)] }), 'maildrop')).toEqual([]);
    expect(faults(queueFile({ envelope: [...ENVELOPE, ...many] }), 'deferred')).toEqual([]);
  });

  it.each(['', '=x', 'name', 'two words=x'])('the attribute %j has no name and value', (payload) => {
    expect(kinds(queueFile({ envelope: [...ENVELOPE, ['A', payload]] }), 'deferred')).toEqual(['bad-attribute']);
    expect(kinds(maildropFile({ envelope: [...ENVELOPE, ['A', payload]] }), 'maildrop')).toEqual(['bad-attribute']);
  });

  it.each(['rewrite_context=elsewhere', 'trace_flags=1x', 'ret_flags=3', 'ret_flags=x', 'envelope_id=\xe9'])(
    'cleanup refuses the attribute %j',
    (payload) => {
      const envelope: LetterRecord[] = [...ENVELOPE, ['A', payload]];
      expect(kinds(maildropFile({ envelope }), 'maildrop')).toEqual(['bad-attribute-value']);
      expect(faults(queueFile({ envelope }), 'deferred')).toEqual([]);
    },
  );

  it.each([
    'rewrite_context=remote',
    'rewrite_context=',
    'trace_flags=1024',
    'ret_flags=2',
    'envelope_id=a b',
    'x = y',
  ])('cleanup takes the attribute %j', (payload) => {
    expect(faults(maildropFile({ envelope: [...ENVELOPE, ['A', payload]] }), 'maildrop')).toEqual([]);
  });

  it.each(['a\nb', 'a\rb', 'a\0b'])('no line break in an address: %j', (address) => {
    for (const letter of ['R', 'D', 'O', 'F']) {
      const envelope: LetterRecord[] = [...ENVELOPE, [letter, address], ['R', 'carol@example.com']];
      expect(kinds(queueFile({ envelope }), 'deferred')).toEqual(['line-break']);
      expect(kinds(maildropFile({ envelope }), 'maildrop')).toEqual(['line-break']);
    }
  });

  it('a folded header line in an attribute of cleanup is none', () => {
    const extracted: LetterRecord[] = [['A', 'message_id=<a@b>\n (comment)']];
    expect(faults(queueFile({ extracted }), 'deferred')).toEqual([]);
  });
});

describe('describeFault', () => {
  it('says what is wrong, and where', () => {
    const bytes = queueFile({ envelope: [...ENVELOPE, ['Q', 'unknown']] });
    const [fault] = faults(bytes, 'deferred');
    expect(fault).toBeDefined();
    expect(fault === undefined ? '' : describeFault(fault)).toBe(
      `a record of type "Q" in the envelope segment at offset ${at(bytes, 'Q', 'unknown')}`,
    );
  });
});
