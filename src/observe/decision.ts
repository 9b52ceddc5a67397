/** Owns: the one line that is logged for each decision, and at which level. */
import type { Logger } from './logger.ts'

/** What the log says of one answered review; nothing of the pod but its names. */
export interface Decision {
  readonly kind: 'patched' | 'skipped' | 'refused' | 'fault' | 'malformed'
  readonly code: string
  readonly status: number
  readonly uid: string | undefined
  readonly namespace: string | undefined
  /** The pod's name, or its generateName as controllers' pods have no name yet. */
  readonly pod: string | undefined
  readonly revision: string | undefined
  readonly tag: string | undefined
  readonly webhook: string | undefined
  readonly istioVersion: string | undefined
  readonly patchOperations: number
  readonly micros: number
  /** Codes of the notes. */
  readonly notes: readonly string[]
  /** Of faults and malformed requests, where it speaks of configuration or transport and not of a pod. */
  readonly message: string | undefined
}

/** Patched, skipped and refused are the service doing its work: info. A fault or a malformed request is a warning. */
export function logDecision(logger: Logger, decision: Decision): void {
  const troubled = decision.kind === 'fault' || decision.kind === 'malformed'
  const level =
    decision.status >= 500 && decision.code === 'internal-error' ? 'error' : troubled ? 'warn' : 'info'
  if (!logger.isLevelEnabled(level)) return
  const line = {
    kind: decision.kind,
    code: decision.code,
    namespace: decision.namespace,
    pod: decision.pod,
    revision: decision.revision,
    // pino leaves out what is undefined.
    tag: decision.tag,
    webhook: decision.webhook,
    istioVersion: decision.istioVersion,
    patchOps: decision.patchOperations,
    us: decision.micros,
    uid: decision.uid,
    notes: decision.notes.length > 0 ? decision.notes : undefined,
    status: troubled ? decision.status : undefined,
    message: troubled ? decision.message : undefined,
  }
  logger[level](line, 'decision')
}
