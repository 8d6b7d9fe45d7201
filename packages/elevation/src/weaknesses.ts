/** What a computer cannot do, in the same words on the server's page of it and in `stint doctor` on it. */
export const weaknesses = {
  'no-timed-sudo': 'No sudo that ends rights by itself was found.',
  'no-polkit-rules': 'Graphical tools cannot be raised: polkit reads no rules here.',
  'not-recorded': 'Nothing is recorded.',
} as const
