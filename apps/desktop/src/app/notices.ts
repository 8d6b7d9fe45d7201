import { minutesText, spanText, toast } from '@stint/ui'
import type { NoticeKind, UserStatus } from '@stint/wire/local-user'

interface Words {
  readonly title: string
  readonly message: string
}

/** What each notice says. */
export function noticeWords(notice: NoticeKind, { session, lastDecision, now }: UserStatus): Words {
  const left = session === null ? 0 : Date.parse(session.endsAt) - Date.parse(now)
  const save = session?.endProcesses
    ? 'Programs that still run with them are ended then. Save your work.'
    : 'Finish what needs them.'
  switch (notice) {
    case 'approved':
      return {
        title: 'You have administrator rights',
        message: `For ${minutesText(Math.round(left / 60_000))}.`,
      }
    case 'five-minutes':
      return { title: `Administrator rights end in ${spanText(left)}`, message: save }
    case 'one-minute':
      return { title: `Administrator rights end in ${spanText(left)}`, message: save }
    case 'ended':
      return { title: 'Administrator rights are over', message: 'Ask again if you need them.' }
    case 'denied':
      return { title: 'Your request was denied', message: lastDecision?.note ?? '' }
    case 'program-denied':
      return {
        title: 'A program was not started',
        message: 'A rule of your organisation denies it with administrator rights. Your terminal says which.',
      }
    case 'expired':
      return { title: 'Your request has run out', message: 'Nobody answered it in time. You can ask again.' }
  }
}

/** On the page always; as a notification of the desktop when the person allowed it and looks elsewhere. */
export function showNotice(notice: NoticeKind, status: UserStatus): void {
  const { title, message } = noticeWords(notice, status)
  toast.done(title, message)
  if (canNotify() === 'granted' && document.hidden) new Notification(title, { body: message, tag: 'stint' })
}

export function canNotify(): NotificationPermission {
  return 'Notification' in window ? Notification.permission : 'denied'
}
