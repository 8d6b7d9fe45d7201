import type { ReactNode } from 'react'

interface SettingRowProps {
  readonly label: string
  /** What it means and what happens when it changes. */
  readonly about: ReactNode
  /** Id of the control, so that the label names it. */
  readonly htmlFor: string
  readonly changed?: boolean
  readonly children: ReactNode
}

/** One setting: what it is and means at the left, its control at the right, a mark while it is not saved. */
export function SettingRow({ label, about, htmlFor, changed = false, children }: SettingRowProps) {
  return (
    <div className="st-setting" data-changed={changed || undefined}>
      <div className="st-setting-text">
        <label htmlFor={htmlFor} className="st-setting-label">
          {label}
          {changed && <span className="st-setting-mark">Changed</span>}
        </label>
        <p className="st-setting-about" id={`${htmlFor}-about`}>
          {about}
        </p>
      </div>
      <div className="st-setting-control">{children}</div>
    </div>
  )
}

interface SaveBarProps {
  readonly children: ReactNode
  readonly actions: ReactNode
}

/** Stays at the bottom while something is not saved. */
export function SaveBar({ children, actions }: SaveBarProps) {
  return (
    <section className="st-savebar" aria-label="Unsaved changes">
      <div>{children}</div>
      <div className="st-row" data-gap="2">
        {actions}
      </div>
    </section>
  )
}
