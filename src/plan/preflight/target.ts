/** What the target has not that the source had, or has otherwise. */

import { parseQueueId } from '../../queue/queue-id.ts';
import type { Decision, PlannedMessage } from '../decision.ts';
import { isBefore, releaseOf } from './release-number.ts';
import type { PreflightSettings, Rule } from './rule.ts';

export function targetRules(settings: PreflightSettings): Rule[] {
  const { parameters, sourceParameters, services } = settings;
  return [
    ...serviceRules(services),
    ...rightsRules(settings),
    ...releaseRule(sourceParameters?.['mail_version'] ?? '', parameters.mail_version),
    ...ownerRule(sourceParameters?.['mail_owner'] ?? '', parameters.mail_owner),
    ...layoutRules(sourceParameters, parameters),
  ];
}

/** qmgr(8) hands a message to the transport that it names, by the name of its service; pickup(8) takes what is in maildrop. */
function serviceRules(services: PreflightSettings['services']): Rule[] {
  if (services === undefined) {
    return [];
  }
  return [
    {
      severity: 'problem',
      facts: { code: 'no-pickup' },
      concerns: (decision) => isRestored(decision) && decision.destination === 'maildrop' && !services.has('pickup'),
    },
    {
      severity: 'problem',
      facts: { code: 'no-filter-transport' },
      concerns: (decision) => isInQueues(decision) && !services.has(transportOf(decision.message.content_filter)),
    },
  ];
}

/** qmgr(8) ends at a file that is not mail_owner's (qmgr_message.c, open active ID), again and again. */
function rightsRules({ directories = [], foreign = { files: 0, examples: [] } }: PreflightSettings): Rule[] {
  const rules: Rule[] = [];
  if (foreign.files > 0) {
    const { files, examples } = foreign;
    rules.push({ severity: 'problem', facts: { code: 'foreign-files', files, first: examples }, concerns: isRestored });
  }
  if (directories.length > 0) {
    const facts = { code: 'directory-rights', faults: directories.length, first: directories.slice(0, SHOWN) } as const;
    rules.push({ severity: 'warning', facts, concerns: isRestored });
  }
  return rules;
}

const SHOWN = 5;

/** `transport:destination`: the service is named before the first colon. */
function transportOf(contentFilter: string | undefined): string {
  return (contentFilter ?? '').replace(/:.*$/su, '');
}

/** Out of maildrop cleanup(8) drops the filter that a message names, and takes the target's (pickup.c). */
function isInQueues(decision: Decision): decision is PlannedMessage {
  return (
    isRestored(decision) &&
    ['incoming', 'deferred', 'hold'].includes(decision.destination) &&
    decision.message.content_filter !== undefined
  );
}

function isRestored(decision: Decision): decision is PlannedMessage {
  return decision.kind === 'restore';
}

function releaseRule(sourceVersion: string, targetVersion: string): Rule[] {
  const [source, target] = [releaseOf(sourceVersion), releaseOf(targetVersion)];
  return source === undefined || target === undefined || !isBefore(target, source)
    ? []
    : [
        {
          severity: 'info',
          facts: { code: 'older-postfix', source: sourceVersion, target: targetVersion },
          concerns: isRestored,
        },
      ];
}

function ownerRule(source: string, target: string): Rule[] {
  return source === '' || source === target
    ? []
    : [{ severity: 'info', facts: { code: 'other-mail-owner', source, target }, concerns: isRestored }];
}

const HASH_PARAMETERS = ['hash_queue_names', 'hash_queue_depth'] as const;

/** Postfix compares the names of queues in any order. */
function layoutRules(source: PreflightSettings['sourceParameters'], target: PreflightSettings['parameters']): Rule[] {
  const formOf = (names: string | undefined): string =>
    (names ?? '')
      .toLowerCase()
      .split(/[\s,]+/u)
      .sort()
      .join();
  const other = HASH_PARAMETERS.filter(
    (name) => source !== undefined && source[name] !== undefined && formOf(source[name]) !== formOf(target[name]),
  );
  const isLong = target.enable_long_queue_ids.toLowerCase() === 'yes';
  const layout: Rule[] =
    other.length === 0
      ? []
      : [{ severity: 'info', facts: { code: 'other-hash-directories', parameters: other }, concerns: isRestored }];
  const ids: Rule[] = isLong
    ? []
    : [
        {
          severity: 'info',
          facts: { code: 'ids-become-short' },
          concerns: (decision) => isRestored(decision) && parseQueueId(decision.message.queue_id)?.form === 'long',
        },
      ];
  return [...layout, ...ids];
}
