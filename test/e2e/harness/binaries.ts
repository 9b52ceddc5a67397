/**
 * The programs of a real control plane, which ../control-plane/build.mjs finds or builds. That script runs before
 * this project's own Node is installed, so it decides where they are kept and how they are built.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../control-plane/build.mjs', import.meta.url))

export interface Binaries {
  readonly etcd: string
  readonly apiServer: string
  readonly controllerManager: string
  readonly kubectl: string
  readonly helm: string
}

/** Builds what is not there yet (minutes from nothing, at once when cached). Throws with what is missing and how to fix it. */
export function findBinaries(): Binaries {
  const result = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (result.status !== 0) throw new Error('there is no control plane to test with; the cause is above')
  const folder = result.stdout.trim()
  return {
    etcd: join(folder, 'etcd'),
    apiServer: join(folder, 'kube-apiserver'),
    controllerManager: join(folder, 'kube-controller-manager'),
    kubectl: join(folder, 'kubectl'),
    helm: join(folder, 'helm'),
  }
}
