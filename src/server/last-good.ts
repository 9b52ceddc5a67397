/** Sets up the storage of last good configurations from the options, and its log lines. */
import { hostname } from 'node:os'
import { type Cluster, LastGood, LiveCluster } from '../cluster/index.ts'
import { planLastGood, type ServeOptions } from '../config/index.ts'
import type { Logger } from '../observe/index.ts'

export interface LastGoodParts {
  readonly cluster: Cluster
  readonly logger: Logger
  /** Remora's own version. */
  readonly version: string
}

/**
 * Undefined if the options do not enable it.
 * @throws OptionError if options contradict each other
 */
export function createLastGood(
  options: ServeOptions,
  { cluster, logger, version }: LastGoodParts,
): LastGood | undefined {
  const plan = planLastGood(options)
  // Tests replace the live cluster with one that has no kept configurations.
  if (plan === undefined || !(cluster instanceof LiveCluster)) return undefined
  return new LastGood({
    ...plan,
    cluster,
    // In a pod, the name of the pod.
    pod: hostname(),
    remoraVersion: version,
    onStored: (change) => logger.info({ ...change }, 'kept configurations changed'),
    onProblems({ appeared, resolved }) {
      for (const { code, message } of appeared) logger.warn({ code, problem: message }, 'problem')
      for (const { code, message } of resolved) logger.info({ code, problem: message }, 'problem resolved')
    },
  })
}
