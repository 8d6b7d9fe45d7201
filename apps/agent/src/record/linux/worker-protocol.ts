import type { ProcessEnded, RecordingGap } from '../record.ts'
import type { ConfigEvent, ExecEvent } from './audit-events.ts'

/** Position in the shared array through which the worker, which waits inside the kernel, is told to stop. */
export const stopFlag = 0

export interface WorkerOrder {
  readonly control: SharedArrayBuffer
  /** An eventfd that wakes the worker. */
  readonly wakeFd: number
}

export type WorkerFact = ExecEvent | ConfigEvent | ProcessEnded | RecordingGap

export type WorkerMessage =
  | { readonly kind: 'ready'; readonly source: 'alone' | 'beside'; readonly exits: boolean }
  | { readonly kind: 'facts'; readonly facts: readonly WorkerFact[] }
