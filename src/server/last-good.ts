/** Responsible for: what the options make of configurations that outlive the process, and what the log says of it. */
import { hostname } from 'node:os'
import { type Cluster, LastGood, LiveCluster } from '../cluster/index.ts'
import { planLastGood, type ServeOptions } from '../config/index.ts'
import type { Logger } from '../observe/index.ts'

export interface LastGoodParts {
  readonly cluster: Cluster
  readonly logger: Logger
  /** Remora's own. */
  readonly version: string
}

/**
 * Undefined where the options do not ask for it.
 * @throws OptionError where options about it do not go together
 */
export function createLastGood(
  options: ServeOptions,
  { cluster, logger, version }: LastGoodParts,
): LastGood | undefined {
  const plan = planLastGood(options)
  // Instead of the live cluster, tests give another one, which knows nothing of kept configurations.
  if (plan === undefined || !(cluster instanceof LiveCluster)) return undefined
  return new LastGood({
    ...plan,
    cluster,
    // In a pod the name of the pod.
    pod: hostname(),
    remoraVersion: version,
    onStored: (change) => logger.info({ ...change }, 'kept configurations changed'),
    onProblems({ appeared, resolved }) {
      for (const { code, message } of appeared) logger.warn({ code, problem: message }, 'problem')
      for (const { code, message } of resolved) logger.info({ code, problem: message }, 'problem is gone')
    },
  })
}
