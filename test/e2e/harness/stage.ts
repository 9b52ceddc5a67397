/**
 * The setup of every scenario: a control plane with Istio's revisions, the production build of Remora, and a node
 * that runs its pods. Defines the order of start and stop.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findBinaries } from './binaries.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { type IstioOptions, type IstioSource, installIstio } from './istio-installs.ts'
import { Kubectl } from './kubectl.ts'
import { startProcess } from './process.ts'
import { buildForProduction, projectFolder } from './production-build.ts'

export interface Stage {
  readonly plane: ControlPlane
  readonly kubectl: Kubectl
  readonly helm: Kubectl
  readonly chart: string
  readonly istio: IstioSource
  /** The log of one of Remora's pods; of all pods without a name. */
  podLogs(namePrefix?: string): string
  /** The log of the node. */
  nodeLog(): string
  stop(): Promise<void>
}

const nodeProgram = fileURLToPath(new URL('./kubelet/main.ts', import.meta.url))

export async function startStage(options: IstioOptions = {}): Promise<Stage> {
  const binaries = findBinaries()
  const plane = await startControlPlane(binaries)
  const folder = (name: string): string => join(plane.folder, name)
  const helm = new Kubectl(binaries.helm, plane.kubeconfig)
  try {
    mkdirSync(folder('pods'))
    const entryPoint = buildForProduction(folder('image'))
    const istio = installIstio(plane.kubectl, helm, options)
    const node = startProcess({
      name: 'node',
      command: process.execPath,
      args: [nodeProgram, plane.kubeconfig, folder('pods'), folder('logs'), entryPoint],
      logFile: folder('logs/node.log'),
      endsItsOwn: true,
    })
    return {
      ...{ plane, helm, istio },
      kubectl: plane.kubectl,
      chart: join(projectFolder, 'charts/remora'),
      podLogs: (namePrefix = '') =>
        readdirSync(folder('logs'))
          .filter((file) => file.startsWith('pod-') && file.includes(`-${namePrefix}`))
          .map((file) => readFileSync(join(folder('logs'), file), 'utf8'))
          .join(''),
      nodeLog: () => node.output(),
      async stop() {
        await node.stop()
        await plane.stop()
      },
    }
  } catch (error) {
    await plane.stop()
    throw error
  }
}
