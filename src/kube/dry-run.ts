/**
 * The verdict of the API server about a pod that is created with `dryRun=All`, read from its Status. A refusal of the
 * pod is distinguished from what only prevents a verdict, such as missing permissions.
 */

/** A Status, as far as it is needed here. */
export interface ApiStatus {
  readonly status: number
  /** Kubernetes' reason, such as `Forbidden`; empty: the response is no Status, so something in front of the API server wrote it. */
  readonly reason: string
  readonly message: string
  /** The object that `details` names; empty where the request as such is refused. */
  readonly name: string
  readonly causes: readonly StatusCause[]
}

export interface StatusCause {
  readonly reason: string
  readonly field: string
  readonly message: string
}

export interface DryRunProblem {
  /** As Kubernetes writes it: `spec.containers[1].ports[0].containerPort`; undefined: none is named. */
  readonly field: string | undefined
  readonly message: string
}

export type DryRunVerdict =
  | { readonly kind: 'accepted'; readonly warnings: readonly string[] }
  | { readonly kind: 'refused'; readonly problems: readonly DryRunProblem[] }
  | NotJudgedPod

export interface NotJudgedPod {
  readonly kind: 'not-judged'
  readonly why: string
  /** Whether the reason concerns only this pod, every pod of its namespace, or the API server as a whole. */
  readonly concerns: 'pod' | 'namespace' | 'server'
}

export function notJudgedPod(why: string, concerns: NotJudgedPod['concerns'] = 'pod'): NotJudgedPod {
  return { kind: 'not-judged', why, concerns }
}

const MAX_PROBLEMS = 20

export function verdictOfStatus(facts: ApiStatus): DryRunVerdict {
  const { status, reason, message, name, causes } = facts
  if (/^admission webhook "[^"]*" denied the request/.test(message)) return refused(facts)
  // Its `sideEffects` are neither None nor NoneOnDryRun.
  if (/^admission webhook "[^"]*" does not support dry run/.test(message)) return notJudgedPod(message)
  if (status === 401) return notJudgedPod(describe(facts), 'server')
  if (reason === '') return notJudgedPod(describe(facts))
  if (status === 404) return notJudgedPod(message, 'namespace')
  if (status === 403) {
    if (causes.some((cause) => cause.reason === 'NamespaceTerminating'))
      return notJudgedPod(withoutName(message), 'namespace')
    // Admission names the pod, and authorization cannot: the request to create it has no name.
    return name === '' ? notJudgedPod(message, 'namespace') : refused(facts)
  }
  return REFUSALS.has(status) ? refused(facts) : notJudgedPod(describe(facts))
}

/** Not decoded, too large, not valid. Others pass, such as a conflict about a quota or a webhook that does not answer. */
const REFUSALS: ReadonlySet<number> = new Set([400, 413, 422])

function refused({ message, causes, reason }: ApiStatus): DryRunVerdict {
  const named = causes.filter(({ field }) => field !== '')
  const problems =
    named.length === 0
      ? [{ field: undefined, message: withoutName(message) || reason }]
      : named.map((cause) => ({ field: cause.field, message: cause.message || cause.reason }))
  const distinct = new Map(problems.map((problem) => [`${problem.field} ${problem.message}`, problem]))
  return { kind: 'refused', problems: [...distinct.values()].slice(0, MAX_PROBLEMS) }
}

/** The name is generated, so it differs from one dry run to the next. */
function withoutName(message: string): string {
  return message.replace(/^pods? "[^"]*" is (?:forbidden|invalid): /i, '')
}

function describe({ status, reason, message }: ApiStatus): string {
  return `the API server answered ${status} ${message || reason}`.trimEnd()
}

const MAX_WARNINGS = 20
const MAX_WARNING_LENGTH = 500

/** The texts of the `Warning` headers of a response. */
export function readWarnings(headers: readonly string[]): readonly string[] {
  const texts = headers.flatMap((header) =>
    [...header.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
      (match[1] ?? '').replace(/\\(.)/g, '$1').slice(0, MAX_WARNING_LENGTH),
    ),
  )
  return [...new Set(texts)].slice(0, MAX_WARNINGS)
}
