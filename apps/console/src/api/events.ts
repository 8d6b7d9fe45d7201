import type { ConsoleEvent } from '@stint/wire/console'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

const touched: Record<ConsoleEvent['topic'], readonly string[]> = {
  requests: ['requests', 'overview', 'ledger'],
  sessions: ['sessions', 'requests', 'devices', 'overview', 'ledger'],
  devices: ['devices', 'enrollment-tokens', 'overview', 'ledger'],
  settings: ['settings', 'overview', 'ledger'],
  people: ['people', 'tokens', 'me', 'ledger'],
}

/**
 * Reads again whatever the server says has changed. Gives false while the connection is broken: the browser connects
 * again by itself, and then everything is read once.
 */
export function useLiveUpdates(): boolean {
  const client = useQueryClient()
  const [connected, setConnected] = useState(true)
  useEffect(() => {
    const source = new EventSource('/api/v1/events')
    let wasBroken = false
    source.onopen = () => {
      setConnected(true)
      if (wasBroken) void client.invalidateQueries()
      wasBroken = false
    }
    source.onerror = () => {
      wasBroken = true
      setConnected(false)
    }
    source.onmessage = (message: MessageEvent<string>) => {
      const { topic } = JSON.parse(message.data) as ConsoleEvent
      for (const key of touched[topic] ?? []) void client.invalidateQueries({ queryKey: [key] })
    }
    return () => source.close()
  }, [client])
  return connected
}
