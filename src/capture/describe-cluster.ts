/**
 * Writes a snapshot into a capture: one line for each configuration, and one line for everything else that reviews
 * share. The lines are made once per configuration and snapshot, however many reviews refer to them.
 */
import type { InjectOptions, RevisionConfig, RolloutFacts, Snapshot } from '../inject/index.ts'
import { formatIstioVersion, type ProxyConfigResource } from '../istio/index.ts'
import type { JsonObject } from '../json/index.ts'
import { rolloutManifest } from '../rollout/index.ts'
import type { Redactor } from './digest.ts'
import type { ClusterLine, ConfigurationLine, RolloutLine } from './format.ts'
import { describeEnvironment } from './redact-review.ts'

export interface DescribedLine {
  readonly id: string
  /** Without the newline. */
  readonly text: string
}

export interface DescribedCluster extends DescribedLine {
  readonly configurations: readonly DescribedLine[]
}

export interface DescribeOptions {
  /** The ids of the lines are derived from their content. Redacts unless `raw`. */
  readonly redactor: Redactor
  readonly raw: boolean
  readonly configurations: 'kept' | 'left-out'
  /** The options of the recorded injections. */
  readonly inject: InjectOptions
}

export class ClusterDescriber {
  readonly #options: DescribeOptions
  readonly #clusters = new WeakMap<Snapshot, DescribedCluster>()
  readonly #configurations = new WeakMap<RevisionConfig, DescribedLine>()

  constructor(options: DescribeOptions) {
    this.#options = options
  }

  describe(snapshot: Snapshot): DescribedCluster {
    let described = this.#clusters.get(snapshot)
    if (described === undefined) {
      described = this.#describe(snapshot)
      this.#clusters.set(snapshot, described)
    }
    return described
  }

  #describe(snapshot: Snapshot): DescribedCluster {
    const kept = this.#options.configurations === 'kept'
    const { labelRevision, templateLimits } = this.#options.inject
    const configurations: DescribedLine[] = []
    const revisions = [...snapshot.revisions.values()].map((revision) => {
      const configuration = revision.config && this.#describeConfiguration(revision.config)
      if (configuration !== undefined) configurations.push(configuration)
      const { namespace, versionReason, problem } = revision
      return [
        revision.name,
        {
          namespace,
          configuration: configuration?.id ?? null,
          ...(versionReason !== undefined && { versionReason }),
          // A problem's message quotes the configuration.
          ...(problem !== undefined && {
            problem: { code: problem.code, message: kept ? problem.message : '' },
          }),
        },
      ] as const
    })
    const line: Omit<ClusterLine, 'id'> = {
      type: 'cluster',
      revisions: Object.fromEntries(revisions),
      tags: Object.fromEntries(snapshot.tags),
      enableNamespacesByDefault: snapshot.enableNamespacesByDefault,
      kubelets: [...new Set(snapshot.nodes.versions.values())].sort(),
      proxyConfigs: kept ? [...snapshot.proxyConfigs.values()].flat().map(describeProxyConfig) : [],
      ...(snapshot.rollouts !== undefined &&
        snapshot.rollouts.length > 0 && { rollouts: snapshot.rollouts.map(describeRollout) }),
      options: {
        labelRevision: labelRevision === true,
        ...(templateLimits !== undefined && { templateLimits: { ...templateLimits } }),
      },
    }
    return { ...this.#name(line), configurations }
  }

  #describeConfiguration(config: RevisionConfig): DescribedLine {
    let described = this.#configurations.get(config)
    if (described === undefined) {
      const { inputs } = config
      const { name, namespace, version, injectorConfigMap, meshConfigMap } = inputs
      const kept = this.#options.configurations === 'kept'
      const line: Omit<ConfigurationLine, 'id'> = {
        type: 'configuration',
        name,
        namespace,
        istioVersion: formatIstioVersion(version),
        injectorConfigMap: kept ? present(injectorConfigMap) : { name: injectorConfigMap.name },
        meshConfigMap: kept ? present(meshConfigMap) : { name: meshConfigMap.name },
        environment: describeEnvironment(inputs, this.#options.raw ? undefined : this.#options.redactor),
      }
      described = this.#name(line)
      this.#configurations.set(config, described)
    }
    return described
  }

  /** Equal content has the same id within one capture. */
  #name(line: Omit<ClusterLine, 'id'> | Omit<ConfigurationLine, 'id'>): DescribedLine {
    const id = this.#options.redactor.nameContent(JSON.stringify(line))
    const { type, ...rest } = line
    return { id, text: JSON.stringify({ type, id, ...rest }) }
  }
}

/** Omits missing keys. */
function present<T extends { readonly name: string }>(map: T): { readonly [K in keyof T]-?: string } {
  // Only strings are left.
  return Object.fromEntries(Object.entries(map).filter(([, text]) => text !== undefined)) as {
    readonly [K in keyof T]-?: string
  }
}

function describeRollout({ rollout, unready }: RolloutFacts): RolloutLine {
  return { rollout: rolloutManifest(rollout), ...(unready !== undefined && { unready }) }
}

/** As a manifest, with the fields that the snapshot keeps. */
export function describeProxyConfig(resource: ProxyConfigResource): JsonObject {
  const { namespace, name, creationTimestamp, matchLabels, proxyConfig } = resource
  const { concurrency, proxyMetadata, image } = proxyConfig
  return {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'ProxyConfig',
    metadata: { namespace, name, ...(creationTimestamp !== '' && { creationTimestamp }) },
    spec: {
      ...(matchLabels !== undefined && { selector: { matchLabels: Object.fromEntries(matchLabels) } }),
      ...(concurrency !== undefined && { concurrency: concurrency.value ?? 0 }),
      ...(proxyMetadata !== undefined && { environmentVariables: Object.fromEntries(proxyMetadata) }),
      ...(image !== undefined && {
        image: image.imageType === undefined ? {} : { imageType: image.imageType },
      }),
    },
  }
}
