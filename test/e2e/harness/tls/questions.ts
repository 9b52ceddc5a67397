/** Queries and actions of the TLS scenarios. */
import { execFile } from 'node:child_process'
import { AUTHORITY_KEYS, bundleHolds } from '../../../../src/certs/index.ts'
import type { ControlPlane } from '../control-plane.ts'
import { CONFIGURATION, NAMESPACE, SECRET } from './objects.ts'

export interface Registration {
  readonly metadata: { readonly managedFields: readonly { readonly manager: string }[] }
  readonly webhooks: readonly {
    readonly name: string
    readonly clientConfig: { readonly caBundle?: string }
  }[]
}

interface SecretObject {
  readonly data?: Readonly<Record<string, string>>
}

export interface Creation {
  readonly admitted: boolean
  readonly injected: boolean
  readonly error: string
}

export function questions(plane: ControlPlane) {
  const { kubectl } = plane
  const getRegistration = (): Registration =>
    kubectl.get<Registration>('mutatingwebhookconfiguration', CONFIGURATION, '--show-managed-fields')
  const bundles = (): readonly string[] =>
    getRegistration().webhooks.map(({ clientConfig }) =>
      Buffer.from(clientConfig.caBundle ?? '', 'base64').toString('utf8'),
    )
  const sharedCa = (): string => {
    const { data = {} } = kubectl.get<SecretObject>('secret', SECRET, '-n', NAMESPACE)
    return Buffer.from(data[AUTHORITY_KEYS.certificate] ?? '', 'base64').toString('utf8')
  }
  const filled = (ca: string): boolean => bundles().every((bundle) => bundleHolds(bundle, [ca]))
  const patch = (json: object, kind = 'merge', name = CONFIGURATION): string =>
    kubectl.run(
      ...['patch', 'mutatingwebhookconfiguration', name, `--type=${kind}`, '-p', JSON.stringify(json)],
    )
  const removeBundles = (): string =>
    patch(
      [0, 1].map((index) => ({ op: 'remove', path: `/webhooks/${index}/clientConfig/caBundle` })),
      'json',
    )
  const patchSecret = (data: object | null): string =>
    kubectl.run('patch', 'secret', SECRET, '-n', NAMESPACE, '--type=merge', '-p', JSON.stringify({ data }))

  /**
   * Whether a pod is admitted, and with a sidecar. Dry runs call the webhook as well. Beside this process, since the
   * Service's forwarder runs in it.
   */
  function createPod(): Promise<Creation> {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { generateName: 'hello-', namespace: 'test-ns' },
      spec: { containers: [{ name: 'hello', image: 'hello' }] },
    }
    return new Promise((resolve) => {
      const child = execFile(
        plane.binaries.kubectl,
        [`--kubeconfig=${plane.kubeconfig}`, 'create', '-f', '-', '--dry-run=server', '-o', 'json'],
        { env: { ...process.env, no_proxy: '127.0.0.1,localhost' } },
        (failure, stdout, error) =>
          resolve({ admitted: failure === null, injected: stdout.includes('"istio-proxy"'), error }),
      )
      child.stdin?.end(JSON.stringify(pod))
    })
  }

  const serverSide = (manager: string, ...objects: object[]) =>
    kubectl.tryWith(
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
      ...['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'],
    )
  return {
    getRegistration,
    bundles,
    sharedCa,
    filled,
    patch,
    removeBundles,
    patchSecret,
    createPod,
    serverSide,
  }
}
