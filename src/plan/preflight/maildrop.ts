/** What pickup(8) and cleanup(8) do to messages that go through maildrop: all of their work, once more. */

import type { Decision } from '../decision.ts';
import { type OffMaildrop, whyOffMaildrop } from '../destination.ts';
import type { PreflightParameters, PreflightSettings, Rule } from './rule.ts';

export function maildropRules(settings: PreflightSettings): Rule[] {
  const { into, queues, parameters } = settings;
  return [
    ...throughCleanup(parameters),
    ...inPlace(settings),
    {
      severity: 'warning',
      facts: { code: 'maildrop-left-off-hold' },
      concerns: ({ kind, message }) =>
        kind === 'omit' &&
        into === 'hold' &&
        queues === undefined &&
        message.queue_name === 'maildrop' &&
        message.state === 'queued',
    },
    {
      severity: 'warning',
      facts: { code: 'maildrop-not-on-hold' },
      concerns: ({ kind, message }) => kind === 'restore' && into === 'hold' && message.queue_name === 'maildrop',
    },
  ];
}

function throughCleanup(parameters: PreflightParameters): Rule[] {
  const bcc = (['always_bcc', 'sender_bcc_maps', 'recipient_bcc_maps'] as const).filter(
    (name) => parameters[name] !== '',
  );
  const rules: Rule[] = [];
  if (bcc.length > 0) {
    rules.push({ severity: 'warning', facts: { code: 'bcc-again', parameters: bcc }, concerns: isRequeued });
  }
  if (parameters.content_filter !== '') {
    rules.push({ severity: 'warning', facts: { code: 'content-filter-again' }, concerns: isRequeued });
  }
  return [...rules, ...again(parameters)];
}

const CHECKS = ['header_checks', 'mime_header_checks', 'nested_header_checks', 'body_checks'] as const;
const REWRITING = [
  'canonical_maps',
  'sender_canonical_maps',
  'recipient_canonical_maps',
  'masquerade_domains',
  'virtual_alias_maps',
] as const;

function again(parameters: PreflightParameters): Rule[] {
  const rows = [
    ['checks-again', CHECKS],
    ['rewriting-again', REWRITING],
  ] as const;
  return rows.flatMap(([code, names]): Rule[] => {
    const set = names.filter((name) => parameters[name] !== '');
    return set.length === 0 ? [] : [{ severity: 'warning', facts: { code, parameters: set }, concerns: isRequeued }];
  });
}

/** What goes back into its queue, though the others go through maildrop. */
function inPlace(settings: PreflightSettings): Rule[] {
  const { into, limits } = settings;
  if (into !== 'maildrop') {
    return [];
  }
  const isOff =
    (why: OffMaildrop): Rule['concerns'] =>
    (decision) =>
      decision.kind === 'restore' && whyOffMaildrop(decision.message, settings) === why;
  const rules: Rule[] = [
    { severity: 'info', facts: { code: 'held-in-place' }, concerns: isOff('held') },
    { severity: 'info', facts: { code: 'notice-in-place' }, concerns: isOff('pending') },
  ];
  return limits === undefined
    ? rules
    : [
        ...rules,
        ...(
          [
            ['too-big', limits.messageSize],
            ['long-record', limits.lineLength],
            ['many-attributes', limits.attributes],
            ['many-hops', limits.hops],
          ] as const
        ).map(
          ([cause, limit]): Rule => ({
            severity: 'warning',
            facts: { code: `${cause}-in-place`, limit },
            concerns: isOff(cause),
          }),
        ),
      ];
}

/** Whether the message went through cleanup(8) before, and does so again. */
function isRequeued(decision: Decision): boolean {
  return (
    decision.kind === 'restore' && decision.destination === 'maildrop' && decision.message.queue_name !== 'maildrop'
  );
}
