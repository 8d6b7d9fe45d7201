/** What a computer cannot do, in the same words on the server's page of it and in `stint doctor` on it. */
export const weaknesses = {
  'no-timed-sudo': 'No sudo that ends rights by itself was found.',
  'no-polkit-rules': 'Graphical tools cannot be raised: polkit reads no rules here.',
  'not-recorded': 'Nothing is recorded.',
  'receipt-refused':
    'The server’s receipt for the journal proves nothing: somebody stands between, or its key is another.',
} as const
