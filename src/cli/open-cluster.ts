/** The cluster that `--cluster` names, as commands read it: its snapshot, and whole objects where a command needs them. */
import {
  type ClusterReading,
  type KubeConfigChoice,
  type ReadOptions,
  readCluster,
} from '../cluster/index.ts'
import { type ClusterOptions, injectOptionsOf } from '../config/index.ts'
import type { InjectOptions, Problem, Snapshot } from '../inject/index.ts'
import type { CommandIo } from './command.ts'
import { messageText } from './text.ts'

interface OpenCluster extends ClusterReading {
  readonly injectOptions: InjectOptions
}

/** @throws RemoraError where the cluster cannot be read */
export async function withCluster<T>(
  options: ClusterOptions & KubeConfigChoice & { readonly cluster: string },
  reading: ReadOptions,
  use: (cluster: OpenCluster) => Promise<T>,
): Promise<T> {
  const { snapshot, objects } = await readCluster(options, reading)
  try {
    return await use({ snapshot, objects, injectOptions: injectOptionsOf(options) })
  } finally {
    objects.close()
  }
}

/** Only the snapshot; undefined where no cluster is named. */
export async function readSnapshot(
  options: ClusterOptions & KubeConfigChoice & { readonly cluster?: string | undefined },
  io: CommandIo,
): Promise<Snapshot | undefined> {
  const { cluster } = options
  if (cluster === undefined) return undefined
  const { snapshot, objects } = await readCluster({ ...options, cluster }, { onProblem: warnOn(io) })
  objects.close()
  return snapshot
}

/** Problems of the cluster as warnings on standard error. */
export function warnOn(io: CommandIo): (problem: Problem) => void {
  return ({ message }) => io.err(messageText('warning: ', message))
}
