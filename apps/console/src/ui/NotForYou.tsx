import { EmptyState, PageHeader } from '@stint/ui'
import { IconLock } from '@tabler/icons-react'

/** In place of a page that the person's role does not open; links to it are hidden, addresses can be typed. */
export function NotForYou({ title, what }: { readonly title: string; readonly what: string }) {
  return (
    <>
      <PageHeader title={title} />
      <EmptyState icon={<IconLock size={22} />} title={`Your role does not ${what}`}>
        An owner can change it under People.
      </EmptyState>
    </>
  )
}
