/** Whole objects of a folder, as commands read them. Not a test. */
import { FolderCluster, type ObjectReader } from '../../src/cluster/index.ts'

export async function objectsOfFolder(folder: string): Promise<ObjectReader> {
  const snapshot = { istiodEnv: [], istioVersions: [] }
  const cluster = new FolderCluster({ folder, snapshot, readOnce: true })
  await cluster.start(new AbortController().signal)
  return cluster.openObjects()
}
