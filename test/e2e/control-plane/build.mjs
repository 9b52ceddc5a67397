/**
 * Builds the control plane of the end-to-end tests where it is not in the cache yet, and prints the folder that holds
 * etcd, kube-apiserver, kube-controller-manager, kubectl and helm: KUBEBUILDER_ASSETS, else one in the user's cache.
 * Needs Go and no package, and runs on Node 20, so that a build can begin before `npm ci` has brought the Node of the
 * project. A second process waits for the running build.
 *
 *   node test/e2e/control-plane/build.mjs
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const KUBERNETES_VERSION = 'v1.35.4'
const HELM_VERSION = 'v3.20.2'
const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl']
/** How often a long build reports progress. */
const REMINDER_MS = 60_000
const moduleFolder = fileURLToPath(new URL('.', import.meta.url))

/** What decides about the result: the module's files and Go's version. */
function cacheFolder() {
  const hash = createHash('sha256').update(goVersion())
  for (const file of ['go.mod', 'go.sum', 'main.go', 'tools.go'])
    hash.update(readFileSync(join(moduleFolder, file)))
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(cache, 'remora', `control-plane-${hash.digest('hex').slice(0, 16)}`)
}

function goVersion() {
  try {
    return execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim()
  } catch {
    throw new Error(
      'the end-to-end tests build a Kubernetes control plane and need Go (1.25 or newer) in PATH; ' +
        'install Go, or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver, kube-controller-manager, kubectl and helm',
    )
  }
}

/** Builds into a temporary folder first, so that an interrupted build is never taken for a complete one. */
function build(folder) {
  const scratch = `${folder}-building`
  // One that was killed has left it behind.
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch)
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
    const args = ['build', '-buildvcs=false', '-trimpath', '-ldflags', linkerFlags.join(' ')]
    const result = spawnSync('go', [...args, '-o', `${scratch}/`, '.', 'helm.sh/helm/v3/cmd/helm'], {
      cwd: moduleFolder,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
      // Standard output is for the folder's name alone.
      stdio: ['ignore', process.stderr, process.stderr],
      // No time limit: a slow machine takes as long as it takes, and the caller has its own limit.
    })
    if (result.status !== 0) throw new Error(buildFailure(result))
    for (const name of COMPONENTS) symlinkSync('control-plane', join(scratch, name))
    renameSync(scratch, folder)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Whether Go reported an error, or the build was aborted. */
function buildFailure({ status, signal, error }) {
  const where = `go build of etcd, kube-apiserver, kube-controller-manager, kubectl (Kubernetes ${KUBERNETES_VERSION}) and helm (${HELM_VERSION}) in ${moduleFolder}`
  if (error !== undefined) return `${where} could not be started: ${error.message}`
  if (signal === null) return `${where} failed with exit code ${status}: its own messages stand above`
  return `${where} was cut off by ${signal}: started again, it goes on from Go's build cache; this program sets no time limit`
}

/** One build at a time, ensured by a file with the builder's process id; one whose builder has died is taken over. */
function buildOnce(folder) {
  const lock = `${folder}.lock`
  mkdirSync(join(folder, '..'), { recursive: true })
  let remindAt = Date.now() + REMINDER_MS
  while (!existsSync(folder)) {
    if (Date.now() > remindAt) {
      console.error(`waiting for the running build, whose process id is in ${lock}`)
      remindAt = Date.now() + REMINDER_MS
    }
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
    } catch {
      if (!builderLives(lock)) rmSync(lock, { force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
      continue
    }
    try {
      if (!existsSync(folder)) build(folder)
    } finally {
      rmSync(lock, { force: true })
    }
  }
}

function builderLives(lock) {
  try {
    // Signal 0 only asks. A file without a number has just been made.
    const id = Number(readFileSync(lock, 'utf8'))
    return id === 0 || process.kill(id, 0)
  } catch {
    return false
  }
}

function findFolder() {
  const assets = process.env['KUBEBUILDER_ASSETS']
  if (assets !== undefined && assets !== '') return assets
  const folder = cacheFolder()
  buildOnce(folder)
  return folder
}

try {
  const folder = findFolder()
  const missing = [...COMPONENTS, 'helm'].filter((name) => !existsSync(join(folder, name)))
  if (missing.length > 0)
    throw new Error(`${folder}: ${missing.join(', ')} missing; unset KUBEBUILDER_ASSETS to have them built`)
  console.log(folder)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
