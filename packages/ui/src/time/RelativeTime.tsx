import { Tooltip } from '@mantine/core'
import { useNow } from './clock.tsx'
import { exactText, relativeText } from './format.ts'

interface RelativeTimeProps {
  /** RFC 3339, or null where it never happened. */
  readonly at: string | null
  readonly never?: string
  /** Inside a row that is itself focusable: no tab stop of its own. */
  readonly quiet?: boolean
}

/** "4 min ago", with the exact time on hover and on focus. */
export function RelativeTime({ at, never = 'Never', quiet = false }: RelativeTimeProps) {
  const now = useNow(15_000)
  if (at === null) return <span className="st-faint">{never}</span>
  const time = Date.parse(at)
  return (
    <Tooltip label={exactText(time)}>
      <time className="st-num st-time" dateTime={at} {...(quiet ? {} : { tabIndex: 0 })}>
        {relativeText(time, now)}
      </time>
    </Tooltip>
  )
}
