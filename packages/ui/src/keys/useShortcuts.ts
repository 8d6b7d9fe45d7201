import { useEffect, useRef } from 'react'
import { useClock } from '../time/clock.tsx'

const SEQUENCE_MS = 1_200

/**
 * Single keys (`?`), sequences (`g r`) and `mod+k`. Keys alone are ignored while somebody types, and while a dialog
 * is open; `mod+…` always works.
 */
export function useShortcuts(shortcuts: Readonly<Record<string, () => void>>): void {
  const clock = useClock()
  const latest = useRef(shortcuts)
  latest.current = shortcuts
  useEffect(() => {
    let first = { key: '', at: 0 }
    const onKeyDown = (event: KeyboardEvent) => {
      const run = (name: string) => {
        const action = latest.current[name]
        if (!action) return false
        event.preventDefault()
        action()
        return true
      }
      if (event.ctrlKey || event.metaKey) return void run(`mod+${event.key.toLowerCase()}`)
      if (event.altKey || event.defaultPrevented || isTyping(event.target)) return
      const sequence = clock.now() - first.at < SEQUENCE_MS ? `${first.key} ${event.key}` : ''
      if (sequence && run(sequence)) {
        first = { key: '', at: 0 }
        return
      }
      first = { key: event.key, at: clock.now() }
      run(event.key)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [clock])
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.closest('[role="dialog"]')) return true
  // A switch takes only the space bar.
  if (target instanceof HTMLInputElement && target.type === 'checkbox') return false
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}
