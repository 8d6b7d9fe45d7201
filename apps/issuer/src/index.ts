/** `@stint/issuer`: the only holder of code and signing keys. */
export { addKek, makeKekFile, openFileKeyProvider } from './file-key-provider.ts'
export { createIssuer, type Issuer, type IssuerParts, type IssuerResult } from './issuer.ts'
export type { KeyProvider, Wrapped } from './key-provider.ts'
export { defaultQuotas, type Quotas } from './quotas.ts'
export { type IssuerStore, openIssuerStore } from './store.ts'
