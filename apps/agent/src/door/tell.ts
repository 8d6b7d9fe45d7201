import type { NoticeKind } from '@stint/wire/local-user'

/** How a session reaches whoever watches. */
export interface Tell {
  /** To this person's programs that watch. */
  notice(uid: number, kind: NoticeKind): void
  /** Something of the status changed without a write. */
  changed(): void
}
