import { type ReactNode, useEffect, useRef } from 'react'

interface StateTitleProps {
  readonly children: ReactNode
  readonly about?: ReactNode
}

/** The heading of what is going on. Takes the focus when what had it has left the page. */
export function StateTitle({ children, about }: StateTitleProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus()
  }, [])
  return (
    <header className="dt-title">
      <h1 ref={heading} tabIndex={-1}>
        {children}
      </h1>
      {about && <div className="dt-about">{about}</div>}
    </header>
  )
}
