/** Reads a cluster once, for a command that does not watch it. */
import { type ClusterOptions, OptionError } from '../config/index.ts'
import type { Problem, Snapshot } from '../inject/index.ts'
import { quoteText } from '../visible-text.ts'
import { createCluster } from './create-cluster.ts'
import type { KubeConfigChoice } from './live/endpoint.ts'
import type { ObjectReader } from './object-reader.ts'

export interface ReadOptions {
  readonly onProblem: (problem: Problem) => void
  /** The command needs all Deployments of the cluster. */
  readonly allDeployments?: boolean
}

/** How long a short-lived command waits for a live cluster. */
const READ_LIMIT_MS = 30_000

/** The cluster as a short-lived command reads it. */
export interface ClusterReading {
  readonly snapshot: Snapshot
  /** Whole objects, read when asked for; to be closed. */
  readonly objects: ObjectReader
}

/**
 * For a short-lived command: the cluster as it is now, read once and not watched.
 * @throws OptionError `cluster-live-unavailable` if a live one could not be read in time
 */
export async function readCluster(
  options: ClusterOptions & KubeConfigChoice & { readonly cluster: string },
  { onProblem, allDeployments = false }: ReadOptions,
): Promise<ClusterReading> {
  const { kubeconfig, context } = options
  checkKubeConfigChoice(options)
  const kubeConfig = { kubeconfig, context }
  const cluster = createCluster(options, { readOnce: true, allDeployments, kubeConfig })
  try {
    await cluster.start(AbortSignal.timeout(READ_LIMIT_MS))
    const { problems, synced } = cluster.status()
    if (!synced) {
      const why = problems.map(({ message }) => message).join('; ')
      throw new OptionError(
        'cluster-live-unavailable',
        `the cluster could not be read within ${READ_LIMIT_MS / 1000} s: ${why}`,
      )
    }
    for (const problem of problems) onProblem(problem)
    return { snapshot: cluster.snapshot(), objects: cluster.openObjects() }
  } finally {
    await cluster.close()
  }
}

function checkKubeConfigChoice({
  cluster,
  kubeconfig,
  context,
}: KubeConfigChoice & { readonly cluster: string }): void {
  const flag = context !== undefined ? '--context' : kubeconfig !== undefined ? '--kubeconfig' : undefined
  if (cluster === 'live' || flag === undefined) return
  throw new OptionError(
    'option-invalid',
    `${flag} is for --cluster live, but --cluster is the folder ${quoteText(cluster)}: remove one of the two options`,
  )
}
