/**
 * The words of reasons that Postfix writes itself (smtp(8), local(8), bounce(8), dns_lookup.c), or that mail servers use in
 * their replies everywhere. None of them is anybody's name.
 */

const WORDS = `
a able accept accepted access account action active address addresses again all allowed an and any are as at authentication
bad be been before being block blocked body bounce busy but by can cannot certificate check class client closed closing code
command commands concurrency configuration conn connect connection connections content conversation could data database
deferred delayed deliver delivery denied destination disk dmarc dkim dns does domain down due enough error exceeded exist
expected expired external failed failure fatal few file filter for forbidden format found frequently from full get greeting
greylist greylisted greylisting handshake has have helo ehlo host hosts hour if in incoming initial insufficient internal
invalid is it key later limit limited line link list local lookup loop lost mail mailbox mailboxes many maximum may message
messages minute minutes mx name names network no not number of off offered on one only open or other out over permanent
permitted please policy port postmaster problem process protocol queue quota rate reached receive received receiving
recipient recipients record refused reject rejected relay relaying reply request required resolution resources retry reverse
route said see sec seconds secs security send sender senders sending sent server servers service session size smtp space spam
spf start starttls status storage such suspended syntax system table temporarily temporary text than that the there this
timed timeout tls to too transaction transport try trusted type unable unavailable under unknown unreachable until untrusted
unverified use user users utf8 valid verification verified verify virus wait was while will with within without wrong you
your aaaa crlf dsn lmtp nxdomain ok pipe ptr quit rcpt sasl servfail srs ssl txt
`;

/** In lower case. */
export const REPLY_WORDS: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/u));
