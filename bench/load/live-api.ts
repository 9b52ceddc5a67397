/**
 * A fake Kubernetes API for Remora's live mode: the test suite's, in the benchmark's process, filled with a cluster's
 * objects. Its cost does not count for Remora.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RESOURCES } from '../../src/cluster/live/resources.ts'
import { own } from '../../src/json/index.ts'
import { FakeApi } from '../../test/cluster/live/fake-api.ts'
import { allObjects, type ClusterParts } from './clusters.ts'

const PATHS: Readonly<Record<string, string>> = {
  Namespace: RESOURCES.namespaces.path,
  ConfigMap: RESOURCES.configmaps.path,
  Deployment: RESOURCES.deployments.path,
  Service: RESOURCES.services.path,
  MutatingWebhookConfiguration: RESOURCES.mutatingwebhookconfigurations.path,
  ProxyConfig: RESOURCES.proxyconfigs.path,
  Node: RESOURCES.nodes.path,
}

export interface LiveApi {
  /** For $KUBECONFIG. */
  readonly kubeconfig: string
  update(parts: ClusterParts): void
  close(): Promise<void>
}

/** @param folder for the kubeconfig */
export async function startLiveApi(folder: string, parts: ClusterParts): Promise<LiveApi> {
  const api = await FakeApi.start(Object.values(RESOURCES).map(({ path }) => path))
  const known = new Set<object>()
  const update = (next: ClusterParts): void => {
    for (const object of allObjects(next)) {
      const path = own(PATHS, String(own(object, 'kind')))
      // The fake API does not support label selectors, so Services that are not tags are left out here.
      if (path === undefined || path === RESOURCES.services.path || known.has(object)) continue
      known.add(object)
      api.put(path, object)
    }
  }
  update(parts)
  const { server, headers } = await api.current()
  const kubeconfig = join(folder, 'kubeconfig.json')
  writeFileSync(
    kubeconfig,
    kubeconfigFor(server.href, String(headers['authorization']).replace('Bearer ', '')),
  )
  return { kubeconfig, update, close: () => api.kill() }
}

/** client-node accepts plain HTTP only with TLS verification disabled. */
function kubeconfigFor(server: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [{ name: 'bench', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'bench', user: { token } }],
  })
}
