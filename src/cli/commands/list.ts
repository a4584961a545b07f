import type { Command } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import { archiveName, parseArchiveName, refuseTerminal } from '../options/archive-name.ts';
import { type CommonOptions, commandWithCommonOptions } from '../options/common-options.ts';
import { listingJsonLine } from '../output/listing-json.ts';
import { hiddenMessages, textListing } from '../output/listing-text.ts';
import type { Runner, Session } from '../process/command-run.ts';
import { DONE } from '../process/exit-status.ts';

/** `postsnap list ARCHIVE`. */
export function listCommand(run: Runner): Command<[ArchiveLocation], CommonOptions> {
  return commandWithCommonOptions('list')
    .description("show an archive's messages as `postqueue -p` does, or with -j as `postqueue -j`")
    .argument('<archive>', 'the archive; - is stdin', parseArchiveName)
    .action((archive, options) =>
      run(options, (session) =>
        options.json === true ? listAsJson(archive, session) : listAsText(archive, options, session),
      ),
    );
}

async function listAsJson(archive: ArchiveLocation, session: Session): Promise<number> {
  refuseTerminal(archive, 'stdin', session);
  const { list } = await import('../../inspect/list.ts');
  await list({ archive, onMessage: (message) => session.output.write(listingJsonLine(message)) }, session);
  session.output.flush();
  return DONE;
}

/**
 * `postqueue -p` shows maildrop, active, incoming, deferred and hold (showq.c). What has no place in its format, mail
 * that left and the queues that nothing delivers from, is told on stderr; the JSON has all of it.
 */
async function listAsText(archive: ArchiveLocation, options: CommonOptions, session: Session): Promise<number> {
  refuseTerminal(archive, 'stdin', session);
  const { list } = await import('../../inspect/list.ts');
  const override = options.option['enable_long_queue_ids'];
  const hidden = hiddenMessages();
  let listing = textListing(false);
  await list(
    {
      archive,
      onSnapshot: (snapshot) => {
        listing = textListing((override ?? snapshot.parameters['enable_long_queue_ids']) === 'yes');
      },
      onMessage: (message) => {
        if (!hidden.add(message)) {
          session.output.write(listing.message(message));
        }
      },
    },
    session,
  );
  session.output.write(listing.trailer());
  session.output.flush();
  const remark = hidden.remark();
  if (remark !== undefined) {
    session.remark(`${archiveName(archive, 'stdin')}: ${remark}`);
  }
  return DONE;
}
