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

/** The time now; whoever calls it is drawn again every `intervalMs`. Never older than what is drawn with it. */
export function useNow(intervalMs: number): number {
  const clock = useClock()
  const [, setTick] = useState(0)
  useEffect(() => clock.every(intervalMs, () => setTick((tick) => tick + 1)), [clock, intervalMs])
  return clock.now()
}
