import { useClock } from '@stint/ui'
import type { ConsoleEvent } from '@stint/wire/console'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

const PATIENCE_MS = 5_000

const touched: Record<ConsoleEvent['topic'], readonly string[]> = {
  requests: ['requests', 'overview', 'ledger'],
  sessions: ['sessions', 'requests', 'devices', 'overview', 'ledger'],
  devices: ['devices', 'enrollment-tokens', 'overview', 'ledger'],
  settings: ['settings', 'overview', 'ledger'],
  people: ['people', 'tokens', 'me', 'ledger'],
  findings: ['findings', 'sessions', 'overview', 'ledger'],
}

/**
 * Reads again whatever the server says has changed. Gives false while the connection has been broken for some seconds:
 * the browser connects again by itself, and then everything is read once.
 */
export function useLiveUpdates(): boolean {
  const client = useQueryClient()
  const [broken, setBroken] = useState(false)
  const [connected, setConnected] = useState(true)
  const clock = useClock()
  useEffect(() => {
    if (!broken) return setConnected(true)
    return clock.every(PATIENCE_MS, () => setConnected(false))
  }, [broken, clock])
  useEffect(() => {
    const source = new EventSource('/api/v1/events')
    let wasBroken = false
    source.onopen = () => {
      setBroken(false)
      if (wasBroken) void client.invalidateQueries()
      wasBroken = false
    }
    source.onerror = () => {
      wasBroken = true
      setBroken(true)
    }
    source.onmessage = (message: MessageEvent<string>) => {
      const { topic } = JSON.parse(message.data) as ConsoleEvent
      for (const key of touched[topic] ?? []) void client.invalidateQueries({ queryKey: [key] })
    }
    return () => source.close()
  }, [client])
  return connected
}
