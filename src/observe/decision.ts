/** Logs one line for each decision, and chooses its level. */
import type { Logger } from './logger.ts'

/** The logged fields of one review. Of the pod, only names are logged. */
export interface Decision {
  readonly kind: 'patched' | 'skipped' | 'refused' | 'fault' | 'malformed'
  readonly code: string
  readonly status: number
  readonly uid: string | undefined
  readonly namespace: string | undefined
  /** The pod's name, or its generateName, since pods of controllers have no name yet. */
  readonly pod: string | undefined
  readonly revision: string | undefined
  readonly tag: string | undefined
  readonly webhook: string | undefined
  readonly istioVersion: string | undefined
  /** The rollout that applies to the pod. */
  readonly rollout?:
    | { readonly name: string; readonly result: string; readonly from: string; readonly slot: number }
    | undefined
  readonly patchOperations: number
  readonly micros: number
  /** Codes of the notes. */
  readonly notes: readonly string[]
  /** For faults and malformed requests, whose messages describe configuration or transport and not a pod. */
  readonly message: string | undefined
}

/** The fields of a decision that is logged repeatedly, without those that differ per request. */
export type RepeatedDecision = Omit<Decision, 'uid' | 'micros'>

/** Patched, skipped and refused are normal operation: info. A fault or a malformed request is a warning. */
export function logDecision(logger: Logger, decision: Decision): void {
  const level = levelOf(decision)
  if (!logger.isLevelEnabled(level)) return
  logger[level]({ ...fieldsOf(decision), us: decision.micros, uid: shortName(decision.uid) }, MESSAGE)
}

/** The same line with the constant part encoded in advance: 0.65 us per line, where logDecision takes 1.9. */
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

/**
 * Kubernetes' longest name. Webhooks are called before the API server validates names, so a pod's name may have
 * megabytes.
 */
const LONGEST_NAME = 253

/**
 * A copy that does not share memory with the long text it was cut from, because what is prepared here stays in the
 * answer cache.
 */
function shortName(name: string | undefined): string | undefined {
  if (name === undefined || name.length <= LONGEST_NAME) return name
  return Buffer.from(`${name.slice(0, LONGEST_NAME - 3)}...`).toString()
}

function fieldsOfRollout({ name, result, from, slot }: NonNullable<Decision['rollout']>): object {
  return { name, result, from: shortName(from), slot }
}

function fieldsOf(decision: RepeatedDecision): object {
  const troubled = isTroubled(decision.kind)
  return {
    kind: decision.kind,
    code: decision.code,
    namespace: shortName(decision.namespace),
    pod: shortName(decision.pod),
    // A path or a label may name a revision that does not exist.
    revision: shortName(decision.revision),
    // pino leaves out undefined values.
    tag: shortName(decision.tag),
    webhook: decision.webhook,
    istioVersion: decision.istioVersion,
    rollout: decision.rollout && fieldsOfRollout(decision.rollout),
    patchOps: decision.patchOperations,
    notes: decision.notes.length > 0 ? decision.notes : undefined,
    status: troubled ? decision.status : undefined,
    message: troubled ? decision.message : undefined,
  }
}
