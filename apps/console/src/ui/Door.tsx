import { Brand } from '@stint/ui'
import type { ReactNode } from 'react'

interface DoorProps {
  readonly title: string
  readonly about: ReactNode
  readonly children: ReactNode
}

/** The frame of what is seen before anybody is signed in. */
export function Door({ title, about, children }: DoorProps) {
  return (
    <main className="c-door" id="main">
      <div className="c-door-box">
        <Brand />
        <div>
          <h1>{title}</h1>
          <p className="c-door-about">{about}</p>
        </div>
        {children}
      </div>
      <p className="c-door-foot">
        Administrator rights for a set time, for a reason, agreed by somebody entitled to.
      </p>
    </main>
  )
}
