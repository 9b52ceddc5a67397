/**
 * The setup of the suites about certificates and connections: a control plane with the webhook's permissions,
 * Services and namespaces. The tests start Remora's replicas and the forwarders from the Services to them.
 * Everything is stopped when the tests end.
 */
import { join } from 'node:path'
import t from 'tap'
import { findBinaries } from '../binaries.ts'
import { type ControlPlane, startControlPlane } from '../control-plane.ts'
import { waitFor } from '../process.ts'
import { buildForProduction } from '../production-build.ts'
import { type Forwarder, forward } from './forwarder.ts'
import { NAMESPACE, rights, SERVICE, SERVICE_PORT } from './objects.ts'
import { accountKubeconfig, type Replica, type ReplicaOptions, startReplica } from './replica.ts'

export interface StageOptions {
  /** Namespaces for pods, each with the label that selects its webhook. */
  readonly namespaces?: Readonly<Record<string, string>>
  readonly services?: readonly string[]
  /** Applied together with the rights. */
  readonly objects?: readonly object[]
}

export interface Stage {
  readonly plane: ControlPlane
  readonly replicas: readonly Replica[]
  /** Printed when the tests have ended. */
  readonly figures: string[]
  start(name: string, options?: Pick<ReplicaOptions, 'identity' | 'more'>): Promise<Replica>
  /** Sends the connections to a Service to these replicas. */
  forwardTo(service: string, to: readonly Replica[]): Promise<Forwarder>
}

export async function prepareStage({
  namespaces = { 'test-ns': 'istio-injection=enabled' },
  services = [SERVICE],
  objects = [],
}: StageOptions = {}): Promise<Stage> {
  const plane = await startControlPlane(findBinaries())
  const { kubectl, folder } = plane
  const replicas: Replica[] = []
  const forwarders: Forwarder[] = []
  const figures: string[] = []
  t.teardown(async () => {
    for (const forwarder of forwarders) forwarder.close()
    await Promise.all(replicas.map((replica) => replica.process.stop()))
    await plane.stop()
    console.log(figures.map((line) => `# ${line}`).join('\n'))
  })
  const main = buildForProduction(join(folder, 'image'))
  kubectl.run('create', 'namespace', NAMESPACE)
  for (const [name, label] of Object.entries(namespaces)) {
    kubectl.run('create', 'namespace', name)
    kubectl.run('label', 'namespace', name, label)
  }
  kubectl.apply(...rights, ...services.map(serviceOf), ...objects)
  for (const name of Object.keys(namespaces)) {
    await waitFor(`the ServiceAccount of ${name}`, () =>
      kubectl.try('get', 'serviceaccount', 'default', '-n', name).status === 0 ? true : undefined,
    )
  }
  const kubeconfig = accountKubeconfig(plane)
  return {
    plane,
    replicas,
    figures,
    async start(name, options = {}) {
      const replica = await startReplica({ name, folder, main, kubeconfig, ...options })
      replicas.push(replica)
      return replica
    },
    async forwardTo(service, to) {
      const { spec } = kubectl.get<{ spec: { clusterIP: string } }>('service', service, '-n', NAMESPACE)
      const forwarder = await forward(spec.clusterIP, SERVICE_PORT)
      forwarder.use(to.map(({ port }) => port))
      forwarders.push(forwarder)
      return forwarder
    },
  }
}

function serviceOf(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: NAMESPACE },
    spec: { ports: [{ port: SERVICE_PORT }] },
  }
}
