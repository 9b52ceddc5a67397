/**
 * The programs of a real control plane: from KUBEBUILDER_ASSETS, else from the user's cache, else built once from
 * the Go module beside this folder. The cache's key is what decides about the result: the module's files and Go's
 * version.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const KUBERNETES_VERSION = 'v1.35.4'
const HELM_VERSION = 'v3.20.2'
const moduleFolder = new URL('../control-plane', import.meta.url).pathname
const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const
const BUILD_LIMIT_MS = 20 * 60_000

export interface Binaries {
  readonly etcd: string
  readonly apiServer: string
  readonly controllerManager: string
  readonly kubectl: string
  readonly helm: string
}

/** Builds what is not there yet (minutes from nothing, at once when cached). Throws with what is missing and how to mend it. */
export function findBinaries(): Binaries {
  const assets = process.env['KUBEBUILDER_ASSETS']
  if (assets !== undefined && assets !== '') return inFolder(assets)
  const folder = join(cacheRoot(), `control-plane-${cacheKey()}`)
  if (!existsSync(folder)) build(folder)
  return inFolder(folder)
}

function inFolder(folder: string): Binaries {
  const missing = [...COMPONENTS, 'helm'].filter((name) => !existsSync(join(folder, name)))
  if (missing.length > 0) {
    throw new Error(`${folder}: ${missing.join(', ')} missing; unset KUBEBUILDER_ASSETS to have them built`)
  }
  return {
    etcd: join(folder, 'etcd'),
    apiServer: join(folder, 'kube-apiserver'),
    controllerManager: join(folder, 'kube-controller-manager'),
    kubectl: join(folder, 'kubectl'),
    helm: join(folder, 'helm'),
  }
}

function cacheRoot(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'remora')
}

function goVersion(): string {
  try {
    return execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim()
  } catch (cause) {
    throw new Error(
      'the end-to-end tests build a Kubernetes control plane and need Go (1.25 or newer) in PATH; ' +
        'install Go, or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver, kube-controller-manager, kubectl and helm',
      { cause },
    )
  }
}

function cacheKey(): string {
  const hash = createHash('sha256').update(goVersion())
  for (const file of ['go.mod', 'go.sum', 'main.go', 'tools.go'])
    hash.update(readFileSync(join(moduleFolder, file)))
  return hash.digest('hex').slice(0, 16)
}

/** Into a folder of its own first: a build that is cut off never looks like a finished one. */
function build(folder: string): void {
  mkdirSync(cacheRoot(), { recursive: true })
  const scratch = mkdtempSync(join(cacheRoot(), 'building-'))
  try {
    const [major, minor] = KUBERNETES_VERSION.slice(1).split('.')
    const versionFlags = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((name) => [
      `-X ${name}.gitVersion=${KUBERNETES_VERSION}`,
      `-X ${name}.gitMajor=${major} -X ${name}.gitMinor=${minor} -X ${name}.gitTreeState=clean`,
    ])
    const linkerFlags = [
      '-s -w',
      ...versionFlags,
      `-X helm.sh/helm/v3/internal/version.version=${HELM_VERSION}`,
    ]
    const result = spawnSync(
      'go',
      [
        'build',
        '-buildvcs=false',
        '-trimpath',
        '-ldflags',
        linkerFlags.join(' '),
        '-o',
        `${scratch}/`,
        '.',
        'helm.sh/helm/v3/cmd/helm',
      ],
      {
        cwd: moduleFolder,
        env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
        stdio: ['ignore', 'inherit', 'inherit'],
        timeout: BUILD_LIMIT_MS,
      },
    )
    if (result.status !== 0)
      throw new Error(`go build in ${moduleFolder} failed (exit ${result.status ?? result.signal})`)
    for (const name of COMPONENTS) symlinkSync('control-plane', join(scratch, name))
    renameSync(scratch, folder)
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true })
    // Another process may have finished the same build meanwhile.
    if (!existsSync(folder)) throw error
  }
}

if (import.meta.main) console.log(findBinaries())
