/** What a listing can be sorted by. */
export const SORT_KEYS = ['arrival', 'size', 'sender', 'recipient', 'queue'] as const;

/** The oldest first, the biggest first, by address without regard to case, or by queue in Postfix's order. */
export type SortKey = (typeof SORT_KEYS)[number];
