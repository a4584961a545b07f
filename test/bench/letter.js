// Letters that compress as mail does: words by how often languages use them, and attachments that do not compress.

const SYLLABLES = ['ka', 'ter', 'mon', 'li', 'sto', 'ven', 'a', 'ri', 'ble', 'ning', 'pro', 'cu', 'sen', 'e', 'tion'];
const VOCABULARY_SIZE = 4000;
const LINE_WIDTH = 72;
const BASE64_WIDTH = 76;
const HEADER_SIZE = 700;

/** Words, the most frequent first. */
function makeVocabulary(random) {
  const words = new Set();
  while (words.size < VOCABULARY_SIZE) {
    const length = 1 + Math.floor(Math.log2(words.size + 1) / 4) + random.integer(2);
    words.add(Array.from({ length }, () => random.pick(SYLLABLES)).join(''));
  }
  return [...words];
}

export function createLetterWriter(random) {
  const vocabulary = makeVocabulary(random);
  // Zipf's law, nearly: the density of a word is inverse to its rank.
  const word = () => vocabulary[Math.floor(VOCABULARY_SIZE ** random.next()) - 1] ?? vocabulary[0];

  const textLines = (size) => {
    const lines = [];
    for (let written = 0; written < size; written += lines.at(-1).length + 1) {
      let line = word();
      while (line.length < LINE_WIDTH && written + line.length < size) {
        line += ` ${word()}`;
      }
      lines.push(line);
    }
    return lines;
  };

  const base64Lines = (size) => {
    const text = random.bytes(Math.ceil((size * 3) / 4)).toString('base64');
    const lines = [];
    for (let at = 0; at < text.length; at += BASE64_WIDTH) {
      lines.push(text.slice(at, at + BASE64_WIDTH));
    }
    return lines;
  };

  const headerLines = ({ queueId, sender, recipient, date, attachmentSize }) => {
    const signature = random.bytes(192).toString('base64');
    return [
      `Received: from client${random.integer(200)}.example.com (unknown [192.0.2.${random.integer(255)}])`,
      `\tby mail.example.com (Postfix) with ESMTPS id ${queueId}`,
      `\tfor <${recipient}>; ${date}`,
      'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=mail;',
      `\tb=${signature.slice(0, 70)}`,
      ...[70, 140, 210].map((at) => `\t ${signature.slice(at, at + 70)}`),
      `From: ${sender}`,
      `To: ${recipient}`,
      `Subject: ${word()} ${word()} ${word()}`,
      `Message-Id: <${random.bytes(12).toString('hex')}@mail.example.com>`,
      `Date: ${date}`,
      'MIME-Version: 1.0',
      ...(attachmentSize === 0
        ? ['Content-Type: text/plain; charset=utf-8', '']
        : ['Content-Type: multipart/mixed; boundary="=_part"', '', '--=_part', 'Content-Type: text/plain', '']),
    ];
  };

  const attachmentLines = (size) =>
    size === 0
      ? []
      : [
          '--=_part',
          'Content-Type: application/pdf; name="report.pdf"',
          'Content-Transfer-Encoding: base64',
          '',
          ...base64Lines(size),
          '--=_part--',
        ];

  /** The lines of a letter of about `size` bytes, an attachment among them. */
  return (envelope, { size, attachmentSize }) => [
    ...headerLines({ ...envelope, attachmentSize }),
    ...textLines(Math.max(60, size - attachmentSize - HEADER_SIZE)),
    ...attachmentLines(attachmentSize),
  ];
}
