/** `@stint/chain`: append-only facts as pure functions. No files, no clock, no randomness. */
export * from './chain-error.ts'
export * from './entry.ts'
export * from './hash.ts'
