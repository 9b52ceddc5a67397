/** `--dry-run=server`: asks the API server about injected pods, a few at once and within limits, and keeps its verdicts. */
import { type ClusterFacts, podToSend, type WorkloadSubject } from '../analysis/index.ts'
import { type KubeConfigChoice, LiveDryRun } from '../cluster/index.ts'
import { OptionError } from '../config/index.ts'
import type { JsonObject } from '../json/index.ts'
import { type DryRunVerdict, notJudgedPod } from '../kube/index.ts'
import { quoteText } from '../visible-text.ts'
import type { CommandIo } from './command.ts'
import { type Text, text } from './text.ts'

export interface DryRunOptions extends KubeConfigChoice {
  readonly cluster: string
  readonly 'dry-run': 'none' | 'server'
}

/** @throws OptionError `option-invalid` where there is no API server to ask */
export function checkDryRun({ cluster, 'dry-run': dryRun }: DryRunOptions): void {
  if (dryRun === 'none' || cluster === 'live') return
  throw new OptionError(
    'option-invalid',
    `--dry-run=server asks an API server, so it needs --cluster live, but --cluster is the folder ${quoteText(cluster)}`,
  )
}

/** One pod to ask about. */
export interface PodToAsk {
  /** Each is asked about once. */
  readonly key: string
  readonly namespace: string
  /** undefined: it is not injected, so there is nothing to ask. */
  pod(): JsonObject | undefined
}

export interface DryRunLimits {
  readonly atOnce: number
  readonly pods: number
  readonly totalMs: number
  /** After so many requests in a row without a response, the server is not asked again. */
  readonly unanswered: number
}

/** The API server calls every webhook for each of these pods. */
const LIMITS: DryRunLimits = { atOnce: 8, pods: 500, totalMs: 120_000, unanswered: 3 }

/** The facts with the verdicts about the workloads; the same facts where nobody asked for them. */
export async function withVerdicts(
  facts: ClusterFacts,
  workloads: readonly WorkloadSubject[],
  { options, io }: { readonly options: DryRunOptions; readonly io: CommandIo },
): Promise<ClusterFacts> {
  if (options['dry-run'] === 'none') return facts
  const pods = workloads.map((workload) => ({
    key: workload.title,
    namespace: workload.namespace,
    pod: () => podToSend(workload, facts)?.pod,
  }))
  return facts.withDryRun(await askServer(pods, options, io))
}

/** Verdicts by key; none for a pod that is not injected. */
export async function askServer(
  pods: readonly PodToAsk[],
  choice: KubeConfigChoice,
  io: CommandIo,
): Promise<ReadonlyMap<string, DryRunVerdict>> {
  const server = new LiveDryRun(choice)
  try {
    const verdicts = await collectVerdicts(pods, server)
    io.err(summaryOf(verdicts))
    return verdicts
  } finally {
    server.close()
  }
}

function summaryOf(verdicts: ReadonlyMap<string, DryRunVerdict>): Text {
  const all = [...verdicts.values()]
  const count = (kind: DryRunVerdict['kind']) => all.filter((verdict) => verdict.kind === kind).length
  const words = `${count('accepted')} accepted, ${count('refused')} refused, ${count('not-judged')} not judged`
  return text`dry run of ${all.length} injected ${all.length === 1 ? 'pod' : 'pods'} by the API server: ${words}\n`
}

/** For tests: with other limits. */
export async function collectVerdicts(
  pods: readonly PodToAsk[],
  server: Pick<LiveDryRun, 'create'>,
  limits: DryRunLimits = LIMITS,
): Promise<ReadonlyMap<string, DryRunVerdict>> {
  const verdicts = new Map<string, DryRunVerdict>()
  const asking = new Asking(limits)
  // All workers take from the same iterator.
  const queue = new Map(pods.map((pod) => [pod.key, pod])).values()
  const work = async (): Promise<void> => {
    for (const { key, namespace, pod } of queue) {
      const sent = pod()
      if (sent === undefined) continue
      const reason = asking.reasonNotToAsk(namespace)
      verdicts.set(
        key,
        reason === undefined
          ? asking.note(namespace, await server.create(namespace, sent, asking.signal))
          : notJudgedPod(reason),
      )
    }
  }
  await Promise.all(Array.from({ length: limits.atOnce }, work))
  return verdicts
}

/** Decides when asking again is useless or too much. */
class Asking {
  readonly #limits: DryRunLimits
  readonly signal: AbortSignal
  #sent = 0
  #unanswered = 0
  /** Why nothing in a namespace can be judged. */
  readonly #namespaces = new Map<string, string>()
  #lastFailure = ''

  constructor(limits: DryRunLimits) {
    this.#limits = limits
    this.signal = AbortSignal.timeout(limits.totalMs)
  }

  /** undefined: the caller asks now. */
  reasonNotToAsk(namespace: string): string | undefined {
    const { pods, unanswered } = this.#limits
    if (this.signal.aborted) return this.#overtime
    if (this.#unanswered >= unanswered) return this.#lastFailure
    const known = this.#namespaces.get(namespace)
    if (known !== undefined) return known
    if (this.#sent >= pods)
      return `only ${pods} pods are sent at a time: ask about fewer namespaces or workloads`
    this.#sent++
    return undefined
  }

  note(namespace: string, verdict: DryRunVerdict): DryRunVerdict {
    const isUnanswered = verdict.kind === 'not-judged' && verdict.concerns === 'server'
    this.#unanswered = isUnanswered ? this.#unanswered + 1 : 0
    if (verdict.kind !== 'not-judged') return verdict
    if (isUnanswered && this.signal.aborted) return notJudgedPod(this.#overtime)
    if (isUnanswered) this.#lastFailure = verdict.why
    else if (verdict.concerns === 'namespace') this.#namespaces.set(namespace, verdict.why)
    return verdict
  }

  get #overtime(): string {
    return `the API server needed more than ${this.#limits.totalMs / 1000} s for all pods`
  }
}
