/** The cluster that `--cluster` names, as commands read it: its snapshot, and whole objects where a command needs them. */
import type { ObjectReader } from '../cluster/index.ts'
import type { ClusterOptions } from '../config/index.ts'
import type { InjectOptions, Problem, Snapshot } from '../inject/index.ts'
import { injectOptionsOf, openObjects, readCluster } from '../runtime.ts'
import type { CommandIo } from './command.ts'
import { messageText } from './text.ts'

interface OpenCluster {
  readonly snapshot: Snapshot
  readonly objects: ObjectReader
  readonly injectOptions: InjectOptions
}

/** @throws RemoraError where the cluster cannot be read */
export async function withCluster<T>(
  options: ClusterOptions & { readonly cluster: string },
  onProblem: (problem: Problem) => void,
  use: (cluster: OpenCluster) => Promise<T>,
): Promise<T> {
  const snapshot = await readCluster(options, onProblem)
  const objects = openObjects(options.cluster)
  try {
    return await use({ snapshot, objects, injectOptions: injectOptionsOf(options) })
  } finally {
    objects.close()
  }
}

/** Only the snapshot; undefined where no cluster is named. */
export async function readSnapshot(
  options: ClusterOptions & { readonly cluster?: string | undefined },
  io: CommandIo,
): Promise<Snapshot | undefined> {
  const { cluster } = options
  return cluster === undefined ? undefined : readCluster({ ...options, cluster }, warnOn(io))
}

/** Problems of the cluster as warnings on standard error. */
export function warnOn(io: CommandIo): (problem: Problem) => void {
  return ({ message }) => io.err(messageText('warning: ', message))
}
