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

/** Of a decision that is logged again and again: all but what each request has of its own. */
export type RepeatedDecision = Omit<Decision, 'uid' | 'micros'>

/** Patched, skipped and refused are the service doing its work: info. A fault or a malformed request is a warning. */
export function logDecision(logger: Logger, decision: Decision): void {
  const level = levelOf(decision)
  if (!logger.isLevelEnabled(level)) return
  logger[level]({ ...fieldsOf(decision), us: decision.micros, uid: shortName(decision.uid) }, MESSAGE)
}

/**
 * The same line, with what stays the same written as text beforehand: 0.65 us a line where logDecision takes 1.9.
 */
export function prepareDecision(
  logger: Logger,
  decision: RepeatedDecision,
): (uid: string, micros: number) => void {
  const level = levelOf(decision)
  if (!logger.isLevelEnabled(level)) return () => undefined
  const child = logger.child(fieldsOf(decision))
  return (uid, us) => child[level]({ us, uid: shortName(uid) }, MESSAGE)
}

const MESSAGE = 'decision'

function levelOf({ kind, status, code }: RepeatedDecision): 'info' | 'warn' | 'error' {
  if (status >= 500 && code === 'internal-error') return 'error'
  return isTroubled(kind) ? 'warn' : 'info'
}

function isTroubled(kind: Decision['kind']): boolean {
  return kind === 'fault' || kind === 'malformed'
}

/** Kubernetes' longest name. Webhooks are asked before the API server checks names, so a pod's may have megabytes. */
const LONGEST_NAME = 253

/**
 * A text of its own, whatever it was cut from: a part of a long text would keep all of it in memory, and what is prepared
 * here stays in the cache of answers.
 */
function shortName(name: string | undefined): string | undefined {
  if (name === undefined || name.length <= LONGEST_NAME) return name
  return Buffer.from(`${name.slice(0, LONGEST_NAME - 3)}...`).toString()
}

function fieldsOf(decision: RepeatedDecision): object {
  const troubled = isTroubled(decision.kind)
  return {
    kind: decision.kind,
    code: decision.code,
    namespace: shortName(decision.namespace),
    pod: shortName(decision.pod),
    // A path or a label may name one that there is not.
    revision: shortName(decision.revision),
    // pino leaves out what is undefined.
    tag: shortName(decision.tag),
    webhook: decision.webhook,
    istioVersion: decision.istioVersion,
    patchOps: decision.patchOperations,
    notes: decision.notes.length > 0 ? decision.notes : undefined,
    status: troubled ? decision.status : undefined,
    message: troubled ? decision.message : undefined,
  }
}
