/** A letter of the sample queue, and the queue that it is to end in. */
export interface SampleLetter {
  readonly place: 'deferred' | 'hold' | 'incoming' | 'maildrop';
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly notify?: string;
}

export const LETTERS: readonly SampleLetter[] = [
  {
    place: 'deferred',
    from: 'anna@example.com',
    to: ['frieda@example.org', 'georg@example.org'],
    subject: 'The bicycle',
    text: 'Frieda, Georg,\n\nI found your bicycle behind the bakery. Nobody stole it;\nyou had both gone home on the other one.\n\nAnna',
    notify: 'SUCCESS,FAILURE',
  },
  {
    place: 'deferred',
    from: 'ben@example.com',
    to: ['gone@example.org', 'hanna@example.org'],
    subject: 'Reunion in June',
    text: 'Dear all,\n\nten years already! We meet on the second Saturday in June,\nat the lake, and whoever still has the banner brings it.\n\nBen',
  },
  {
    place: 'deferred',
    from: 'anna@example.com',
    to: ['hanna@example.org'],
    subject: 'Re: Reunion in June',
    text: 'I have the banner. I also have the moths.\n\nAnna',
  },
  {
    place: 'deferred',
    from: 'clara@example.com',
    to: ['ivo@example.org', 'jana@example.org', 'kai@example.org'],
    subject: 'Minutes of the garden club',
    text: '1. The pump works again.\n2. The snails do, too.\n3. Plot 14 goes to Ivo, who promised not to plant mint.\n\nClara',
  },
  {
    place: 'deferred',
    from: 'dieter@example.com',
    to: ['ivo@example.org'],
    subject: 'Mint',
    text: 'Too late.\n\nDieter',
  },
  {
    place: 'deferred',
    from: 'shop@example.com',
    to: ['lena@example.org'],
    subject: 'Your order 1042',
    text: 'Hello Lena,\n\none kettle, blue, is on its way. If it whistles in C sharp,\nit is ours; if it whistles in D, please send it back.\n\nThe shop',
  },
  {
    place: 'deferred',
    from: 'shop@example.com',
    to: ['mark@example.org'],
    subject: 'Your order 1043',
    text: 'Hello Mark,\n\nthe blue kettle was the last one. Would you like a red one?\n\nThe shop',
  },
  {
    place: 'deferred',
    from: 'emil@example.com',
    to: ['nora@example.org'],
    subject: 'Chess, move 23',
    text: 'Rook takes f7. I thought about it for eleven days,\nand I am not happy with it either.\n\nEmil',
  },
  {
    place: 'deferred',
    from: 'library@example.com',
    to: ['otto@example.org'],
    subject: 'A book is waiting',
    text: 'The book that you reserved in spring has come back.\nThere is sand in it, and a ticket for a ferry.\n\nThe library',
  },
  {
    place: 'hold',
    from: 'newsletter@example.com',
    to: ['paula@example.org'],
    subject: 'One hundred ways to fold a map',
    text: 'Number one: do not.',
  },
  {
    place: 'hold',
    from: 'clara@example.com',
    to: ['quinn@example.org', 'rosa@example.org'],
    subject: 'Draft, please do not send',
    text: 'I asked for this one to be held until Thursday.\n\nClara',
  },
  {
    place: 'incoming',
    from: 'ben@example.com',
    to: ['sara@example.org'],
    subject: 'Lighthouse',
    text: 'Sara,\n\nthe lamp is repaired. Last night I saw it from the kitchen\nand burned the onions.\n\nBen',
  },
  {
    place: 'incoming',
    from: 'emil@example.com',
    to: ['nora@example.org'],
    subject: 'Re: Chess, move 23',
    text: 'Forget the rook. I resign, and I will bake the cake.\n\nEmil',
  },
  {
    place: 'maildrop',
    from: 'backup@example.com',
    to: ['anna@example.com'],
    subject: 'Nightly report',
    text: 'All went well tonight. The owl was back.',
  },
  {
    place: 'maildrop',
    from: 'dieter@example.com',
    to: ['clara@example.com'],
    subject: 'Plot 14',
    text: 'Something green is coming through the fence.\n\nDieter',
  },
];
