import type { JournalType } from '@stint/elevation'
import type { JournalBody } from '@stint/wire/journal'

/** Something that happened, before it has its place in the journal. */
export type Fact = {
  readonly [T in JournalType]: { readonly type: T; readonly body: JournalBody<T> }
}[JournalType]
