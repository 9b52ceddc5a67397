/**
 * Everything that rules may read, computed at most once: the snapshot, whole objects by kind, the workloads among them,
 * and what each workload gets. Reading the objects belongs to the caller.
 */
import {
  decideRevision,
  type InjectOptions,
  inject,
  type Outcome,
  type Problem,
  type RevisionDecision,
  type RevisionTarget,
  type Snapshot,
} from '../../inject/index.ts'
import type { JsonObject } from '../../json/index.ts'
import {
  type DryRunVerdict,
  labelsOf,
  metadataOf,
  type ObjectKind,
  objectAt,
  textAt,
} from '../../kube/index.ts'
import { findWrittenFields, TracedTemplates, type WrittenField } from '../explain/template-lines.ts'
import { findWebhookCalls, type WebhookFinding } from '../explain/webhook-calls.ts'
import type { CertificateReader } from './certificate/public-certificate.ts'
import type { Finding } from './finding.ts'
import { DRY_RUN, type Need } from './need.ts'
import type { WorkloadSubject } from './subject.ts'
import { injectForTrial, requestOf } from './trial-pod.ts'
import { workloadsAmong } from './workloads-among.ts'

/** What the caller has read. */
export interface ClusterInput {
  readonly snapshot: Snapshot
  readonly options: InjectOptions
  /** Problems of reading the cluster and of building the snapshot. */
  readonly problems: readonly Problem[]
  /** Whole objects by kind; a kind that is missing was not read. */
  readonly objects: ReadonlyMap<ObjectKind, readonly JsonObject[]>
  /** Objects of kinds that have no row in OBJECT_KINDS; only a folder has them. */
  readonly others?: readonly JsonObject[]
  /** Why a kind was not read; a kind without reason has no object in the folder. */
  readonly notRead?: ReadonlyMap<ObjectKind, string>
  /** The files as they are written, for what parsing hides; undefined in a live cluster. */
  readonly texts?: readonly ManifestText[] | undefined
  /** undefined: certificates are not judged. */
  readonly certificates?: CertificateReader | undefined
  /** What the API server said about the injected pods, by the title of the workload; undefined: it was not asked. */
  readonly dryRun?: ReadonlyMap<string, DryRunVerdict> | undefined
  /** The revision that is about to serve: failures under it are errors, even if no workload uses it yet. */
  readonly target?: string | undefined
  /** The clock and seed of the templates. */
  readonly nowMs: number
  readonly seed: number
}

/** One file of the folder. */
export interface ManifestText {
  /** Relative to the folder. */
  readonly file: string
  readonly text: string
}

/** What the API server and the injector do with a workload's next pod. */
export interface Trial {
  /** All injection webhooks of the cluster, with the conditions that hold; empty: none are known. */
  readonly webhooks: readonly WebhookFinding[]
  /** Whether one of them matches; undefined: none are known. */
  readonly called: boolean | undefined
  /** By the labels. */
  readonly decision: RevisionDecision
  /** The revision that the labels choose, which may be unusable. */
  readonly revision: string | undefined
  /** Of the injector, whether or not it is called. */
  readonly outcome: Outcome
}

/** Whether an injector sees the pod, and can warn its creator; where no webhooks are known, the labels say it. */
export function isInjectorCalled({ called, decision }: Pick<Trial, 'called' | 'decision'>): boolean {
  return called ?? decision.kind !== 'none'
}

export class ClusterFacts {
  readonly snapshot: Snapshot
  readonly options: InjectOptions
  readonly problems: readonly Problem[]
  readonly target: string | undefined
  readonly texts: readonly ManifestText[] | undefined
  readonly certificates: CertificateReader | undefined
  readonly nowMs: number
  readonly seed: number
  readonly #input: ClusterInput
  #workloads: readonly WorkloadSubject[] | undefined
  #serviceNames: ReadonlySet<string> | undefined
  /** Only for the latest workloads, because whole outcomes are large. */
  readonly #trials = new Map<WorkloadSubject, Trials>()
  readonly #ofNamespaces = new Map<string, readonly Finding[]>()
  /** By revision: only what explains a problem needs them. */
  readonly #traced = new Map<string, TracedTemplates>()

  constructor(input: ClusterInput) {
    this.#input = input
    this.snapshot = input.snapshot
    this.options = input.options
    this.problems = input.problems
    this.target = input.target
    this.texts = input.texts
    this.certificates = input.certificates
    this.nowMs = input.nowMs
    this.seed = input.seed
  }

  /** All objects of a kind, whole; undefined: not read, or absent from a folder, which may be incomplete. */
  objects(kind: ObjectKind): readonly JsonObject[] | undefined {
    return this.#input.objects.get(kind)
  }

  /** `namespace/name` of all Services; undefined: not read. */
  serviceNames(): ReadonlySet<string> | undefined {
    const services = this.objects('service')
    if (services !== undefined) this.#serviceNames ??= new Set(services.map(fullName))
    return this.#serviceNames
  }

  /** Objects of kinds that have no row in OBJECT_KINDS. */
  others(): readonly JsonObject[] {
    return this.#input.others ?? []
  }

  /** Why `objects` has nothing of a kind; undefined: it has. */
  whyNotRead(kind: ObjectKind): string | undefined {
    if (this.#input.objects.has(kind)) return undefined
    return this.#input.notRead?.get(kind) ?? 'not among the objects'
  }

  /** What the API server said about the injected pod; undefined: it was not asked about this one. */
  dryRunOf({ title }: WorkloadSubject): DryRunVerdict | undefined {
    return this.#input.dryRun?.get(title)
  }

  /** The same cluster with the API server's verdicts, by the title of the workload. */
  withDryRun(dryRun: ReadonlyMap<string, DryRunVerdict>): ClusterFacts {
    return new ClusterFacts({ ...this.#input, dryRun })
  }

  has(need: Need): boolean {
    return need === DRY_RUN ? this.#input.dryRun !== undefined : this.whyNotRead(need) === undefined
  }

  /** By namespace, then kind and name. */
  workloads(): readonly WorkloadSubject[] {
    this.#workloads ??= workloadsAmong(this.#input.objects, this.others(), this.snapshot.namespaces)
    return this.#workloads
  }

  /** What the workload's next pod gets. */
  trial(workload: WorkloadSubject): Trial {
    const trials = this.#trialsOf(workload)
    trials.now ??= this.#tryNow(workload)
    return trials.now
  }

  /** What it would get from one revision, whatever the labels say. */
  outcomeUnder(workload: WorkloadSubject, revision: string): Outcome {
    const { now, under } = this.#trialsOf(workload)
    const known = under.get(revision)
    if (known !== undefined) return known
    // The labels choose it anyway.
    if (now?.outcome.decided?.revision === revision && now.outcome.kind !== 'fault') return now.outcome
    const { namespace, pod } = workload
    const outcome = injectForTrial({ revision, namespace, pod }, this.snapshot, this)
    under.set(revision, outcome)
    return outcome
  }

  /** The findings of a namespace that its workloads share, made once for all of them. */
  ofNamespace(name: string, find: () => readonly Finding[]): readonly Finding[] {
    const found = this.#ofNamespaces.get(name) ?? find()
    this.#ofNamespaces.set(name, found)
    return found
  }

  /** What the templates of a revision write for the workload, by path, with their lines. It takes an injection. */
  writtenFields({ namespace, pod }: WorkloadSubject, revision: string): ReadonlyMap<string, WrittenField> {
    const { snapshot, options } = this
    const config = snapshot.revisions.get(revision)?.config
    if (config === undefined) return new Map()
    const traced = this.#traced.get(revision) ?? new TracedTemplates(config)
    this.#traced.set(revision, traced)
    const request = requestOf({ revision, namespace, pod }, this)
    return findWrittenFields({ request, snapshot, options, config }, traced)
  }

  #trialsOf(workload: WorkloadSubject): Trials {
    const known = this.#trials.get(workload)
    if (known !== undefined) return known
    const [oldest] = this.#trials.keys()
    if (oldest !== undefined && this.#trials.size >= MOST_TRIALS) this.#trials.delete(oldest)
    const trials: Trials = { now: undefined, under: new Map() }
    this.#trials.set(workload, trials)
    return trials
  }

  #tryNow({ namespace, pod }: WorkloadSubject): Trial {
    const namespaceLabels = this.snapshot.namespaces.get(namespace)?.labels
    const podLabels = objectAt(metadataOf(pod), 'labels')
    const webhooks = findWebhookCalls(this.objects('mutatingwebhookconfiguration') ?? [], {
      namespace: namespaceLabels ?? new Map(),
      pod: labelsOf(podLabels),
    })
    const target: RevisionTarget = { by: 'labels' }
    const decision = decideRevision({ target, namespaceLabels, podLabels }, this.snapshot)
    return {
      webhooks,
      called: webhooks.length === 0 ? undefined : webhooks.some(({ matched }) => matched),
      decision,
      revision: decision.kind === 'none' ? undefined : decision.decided?.revision,
      outcome: inject(
        {
          target,
          namespace,
          operation: 'CREATE',
          kind: { group: '', version: 'v1', kind: 'Pod' },
          subResource: '',
          object: pod,
          proxyEnv: new Map(),
          nowMs: this.nowMs,
          seed: this.seed,
        },
        this.snapshot,
        this.options,
      ),
    }
  }
}

function fullName(object: JsonObject): string {
  const metadata = metadataOf(object)
  return `${textAt(metadata, 'namespace') || 'default'}/${textAt(metadata, 'name')}`
}

interface Trials {
  now: Trial | undefined
  readonly under: Map<string, Outcome>
}

const MOST_TRIALS = 64
