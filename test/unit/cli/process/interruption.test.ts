import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import {
  type InterruptingSignal,
  Interruption,
  ignoredByParent,
  signalStatus,
} from '../../../../src/cli/process/interruption.ts';
import { InterruptedError } from '../../../../src/errors.ts';

function fakeProcess() {
  const emitter = new EventEmitter();
  const statuses: number[] = [];
  return {
    on: (signal: InterruptingSignal, listener: () => void) => emitter.on(signal, listener),
    removeListener: (signal: InterruptingSignal, listener: () => void) => emitter.removeListener(signal, listener),
    exit: (status: number) => {
      statuses.push(status);
    },
    send: (signal: InterruptingSignal) => emitter.emit(signal),
    statuses,
  };
}

test('each signal has the status that a shell gives it', () => {
  expect(['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => signalStatus(name as InterruptingSignal))).toEqual([
    130, 143, 129,
  ]);
});

describe('an interruption', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s aborts, and does not end the process', (name) => {
    const source = fakeProcess();
    const interruption = new Interruption(source);
    const { signal } = interruption;
    expect(interruption.received()).toBeUndefined();
    source.send(name);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(InterruptedError);
    expect(interruption.received()).toBe(name);
    expect(source.statuses).toEqual([]);
  });

  test('a second SIGINT ends the process at once', () => {
    const source = fakeProcess();
    new Interruption(source);
    source.send('SIGINT');
    source.send('SIGINT');
    expect(source.statuses).toEqual([130]);
  });

  test('a second SIGTERM does not: systemd and supervisors repeat it', () => {
    const source = fakeProcess();
    const interruption = new Interruption(source);
    source.send('SIGINT');
    source.send('SIGTERM');
    source.send('SIGTERM');
    expect(source.statuses).toEqual([]);
    expect(interruption.received()).toBe('SIGINT');
  });

  test('an ignored signal does nothing, and is kept from ending the process', () => {
    const source = fakeProcess();
    const { signal } = new Interruption(source, new Set(['SIGHUP']));
    expect(source.send('SIGHUP')).toBe(true);
    expect(signal.aborted).toBe(false);
  });

  test('dispose gives the signals back', () => {
    const source = fakeProcess();
    const interruption = new Interruption(source);
    interruption.dispose();
    expect(source.send('SIGINT')).toBe(false);
    expect(interruption.signal.aborted).toBe(false);
  });
});

describe('ignoredByParent', () => {
  const status = (mask: string) =>
    `Name:\tsh\nSigBlk:\t0000000000000000\nSigIgn:\t${mask}\nSigCgt:\t0000000000010002\n`;

  test('SIGHUP ignored by the parent stays ignored', () => {
    expect(ignoredByParent(status('0000000000000001'))).toEqual(new Set(['SIGHUP']));
  });

  test('SIGINT and SIGTERM do not: an interactive shell ignores them for itself alone', () => {
    expect(ignoredByParent(status('0000000000004006'))).toEqual(new Set());
  });

  test.each([undefined, '', 'SigIgn:\tnothing\n'])('where nothing can be told (%o), nothing is ignored', (text) => {
    expect(ignoredByParent(text ?? '')).toEqual(new Set());
  });
});
