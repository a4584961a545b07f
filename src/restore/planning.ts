/** From what is asked for and what the target holds to a plan that can be carried out. */

import { encodeRate, type Pace, secondsFor } from '../pace.ts';
import type { PlanOptions, TargetKnowledge } from '../plan/decide.ts';
import type { MaildropLimits } from '../plan/maildrop-fitness.ts';
import { type Plan, PlanWalk } from '../plan/plan.ts';
import type { QueueTimes } from '../plan/preflight/rule.ts';
import type { PostfixConfiguration } from '../postfix/configuration.ts';
import { parseTimeValue } from '../postfix/time-value.ts';
import { checkQueues, tryLinks } from './check-target.ts';
import { reasonOf } from './failure-reason.ts';
import { checkRoom, roomFor } from './free-space.ts';
import type { PaceReport, RestoreOutset, RestoreRoom } from './options.ts';
import type { RestoreRequest } from './request.ts';
import type { SinceLog } from './since-log.ts';
import type { Surroundings } from './surroundings.ts';
import { mayChangeSenders, type Survey, soughtOf } from './survey.ts';

/** Begins to make the plan. */
export function beginPlan(
  surroundings: Surroundings,
  request: RestoreRequest,
  { surveyed, since }: { readonly surveyed: Survey; readonly since: SinceLog | undefined },
): PlanWalk {
  const { configuration, now, services } = surroundings;
  const { archive, lost } = request;
  const { state, restoredBefore, finished, directories = [] } = surveyed;
  return new PlanWalk({
    archive: { catalogue: () => archive.catalogue(), lost },
    known: {
      find: (message) => state.find(soughtOf(message)),
      restoredBefore,
      ...finishedIn(finished),
      ...(since === undefined ? {} : { evidence: since.evidence, findRequeued: since.find }),
    },
    options: planOptionsOf(request, configuration),
    settings: {
      parameters: configuration.parameters,
      times: queueTimes(configuration, now()),
      anySender: mayChangeSenders(surroundings, request),
      sourceParameters: { ...archive.header.parameters, mail_version: archive.header.mail_version },
      ...(services === undefined ? {} : { services: new Set(services) }),
      directories,
      foreign: state.foreign,
    },
  });
}

/**
 * Refuses what can't be done, before the first write.
 *
 * @throws OperatorError `not-found`: a queue is missing
 * @throws SystemError: a queue is on another file system, or there is not enough room
 */
export function checkPlan(
  { fs, configuration, randomName }: Surroundings,
  { plan, room }: { readonly plan: Plan; readonly room: RestoreRoom },
): void {
  const { queueDirectory, layout } = configuration;
  const queues = [...plan.outlook.queues.keys()];
  checkQueues(fs, configuration, queues);
  checkRoom(queueDirectory, room);
  tryLinks(fs, { queueDirectory, layout, queues, randomName });
}

function planOptionsOf({ options, selection }: RestoreRequest, configuration: PostfixConfiguration): PlanOptions {
  const { into, includeLeft, releaseHeld, again, retryNow } = options;
  const queues = options.queues ?? options.selection?.only?.queues;
  return {
    into: into ?? 'queues',
    includeLeft: includeLeft === true,
    releaseHeld: releaseHeld === true,
    again: again === true,
    retryNow: retryNow === true,
    ...(queues === undefined ? {} : { queues: new Set(queues) }),
    selection,
    limits: maildropLimits(configuration),
  };
}

/** 0 stands for no limit (mail_params.h); what is no number, Postfix itself would refuse. */
function maildropLimits({ parameters }: PostfixConfiguration): MaildropLimits {
  const limit = (text: string): number => {
    const number = /^\d{1,15}$/u.test(text) ? Number(text) : 0;
    return number === 0 ? Number.POSITIVE_INFINITY : number;
  };
  return {
    messageSize: limit(parameters.message_size_limit),
    lineLength: limit(parameters.line_length_limit),
    attributes: limit(parameters.queue_file_attribute_count_limit),
    hops: limit(parameters.hopcount_limit),
  };
}

function queueTimes({ parameters }: PostfixConfiguration, now: Date): QueueTimes {
  const seconds = (text: string, unit: string): number => parseTimeValue(text, unit) ?? Number.POSITIVE_INFINITY;
  return {
    now: Math.floor(now.getTime() / 1000),
    lifetime: seconds(parameters.maximal_queue_lifetime, 'd'),
    bounceLifetime: seconds(parameters.bounce_queue_lifetime, 'd'),
    backoff: seconds(parameters.maximal_backoff_time, 's'),
  };
}

/** What is told of a restore before anything is done. */
export function outsetOf(
  { fs, configuration, running }: Surroundings,
  { archive, options }: RestoreRequest,
  { plan, surveyed, since }: { readonly plan: Plan; readonly surveyed: Survey; readonly since: SinceLog | undefined },
): RestoreOutset {
  const { myhostname, instance, started, source = 'queue' } = archive.header;
  const { queueDirectory, mailVersion, parameters } = configuration;
  return {
    archive: { myhostname, instance, source, started, finished: archive.seal.finished, messages: plan.archived },
    target: {
      queue_directory: queueDirectory,
      instance: parameters.multi_instance_name === '' ? '-' : parameters.multi_instance_name,
      mail_version: mailVersion,
      running: running ?? null,
      messages: surveyed.state.messages,
    },
    room: roomFor(fs, configuration, plan.outlook),
    findings: plan.findings,
    pace: paceReport(options.pace, plan),
    log: since?.report ?? null,
    recipients_done: plan.recipientsDone,
  };
}

function paceReport(pace: Pace | undefined, { outlook }: Plan): PaceReport | null {
  return pace === undefined
    ? null
    : { rate: encodeRate(pace.rate), by: pace.by, seconds: secondsFor(pace.rate, outlook.messages) };
}

function finishedIn(finished: Survey['finished']): Pick<Required<TargetKnowledge>, 'finishedNow' | 'notFinished'> {
  return {
    finishedNow: (fingerprint) => {
      const one = finished.get(fingerprint);
      return one?.kind === 'done' ? one.place : undefined;
    },
    notFinished: (fingerprint) => {
      const one = finished.get(fingerprint);
      return one?.kind === 'failed' ? reasonOf(one.failure, one.queueId) : undefined;
    },
  };
}
