// Stand-ins for what the API server chooses and nobody can know before: they have the form of what is chosen.
// The list is in docs/differences.md; the end-to-end tests hold it closed.

/** Of generated names. */
export const unknownSuffix = 'xxxxx';
export const unknownUid = '00000000-0000-0000-0000-000000000000';
/** Addresses that are kept for documents (RFC 5737, RFC 3849). */
export const unknownAddress = { IPv4: '192.0.2.1', IPv6: '2001:db8::1' } as const;
/** The first of the range that node ports are taken from. */
export const unknownNodePort = 30_000;
