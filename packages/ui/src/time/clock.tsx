import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'

/** Where a face gets the time. A face whose server has another clock gives one that is corrected by the difference. */
export interface FaceClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back every `intervalMs` until the returned function is called. */
  every(intervalMs: number, tick: () => void): () => void
}

export const systemClock: FaceClock = {
  now: () => Date.now(),
  every(intervalMs, tick) {
    const timer = setInterval(tick, intervalMs)
    return () => clearInterval(timer)
  },
}

const ClockContext = createContext<FaceClock>(systemClock)

export function ClockProvider({
  clock,
  children,
}: {
  readonly clock: FaceClock
  readonly children: ReactNode
}) {
  return <ClockContext value={clock}>{children}</ClockContext>
}

export function useClock(): FaceClock {
  return useContext(ClockContext)
}

/** The time now, read again every `intervalMs`. */
export function useNow(intervalMs: number): number {
  const clock = useClock()
  const [now, setNow] = useState(() => clock.now())
  useEffect(() => clock.every(intervalMs, () => setNow(clock.now())), [clock, intervalMs])
  return now
}
