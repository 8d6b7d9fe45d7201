import type { ProcessEnded, RecordingGap } from '../record.ts'
import type { ConfigEvent, ExecEvent, LoginEvent } from './audit-events.ts'
import type { Started } from './exits.ts'

/** Position in the shared array through which the worker, which waits inside the kernel, is told to stop. */
export const stopFlag = 0

export interface WorkerOrder {
  readonly control: SharedArrayBuffer
  /** An eventfd that wakes the worker. */
  readonly wakeFd: number
}

/** A program of an earlier run of the agent; sent to the worker while it runs, followed by a wake. */
export interface ExpectedEnd {
  readonly program: Started
  /** It was running when this was asked, after the worker had begun to listen. */
  readonly isThere: boolean
}

export type WorkerFact = ExecEvent | ConfigEvent | LoginEvent | ProcessEnded | RecordingGap

export type WorkerMessage =
  | { readonly kind: 'ready'; readonly source: 'alone' | 'beside'; readonly exits: boolean }
  | { readonly kind: 'facts'; readonly facts: readonly WorkerFact[] }
