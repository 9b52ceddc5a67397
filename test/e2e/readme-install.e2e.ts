/**
 * The README's five commands, in a cluster in which istiod injects a namespace at first. Its own webhooks are active
 * (and get no answer, since istiod does not run here) until a command deactivates them.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { projectFolder } from './harness/production-build.ts'
import { startStage } from './harness/stage.ts'
import {
  barePod,
  controlPlaneOf,
  controlPlanesOf,
  deployment,
  restart,
  untilRestarted,
} from './harness/workloads.ts'

const SECTION = '## In a cluster, in five commands'

/** The first block of shell commands in the section, one command a line, comments left out. */
function readmeCommands(): readonly string[] {
  const readme = readFileSync(join(projectFolder, 'README.md'), 'utf8')
  const section = readme.slice(readme.indexOf(SECTION))
  const block = /^```sh\n([\s\S]*?)^```$/m.exec(section)?.[1] ?? ''
  return block.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

t.setTimeout(300_000)
const stage = await startStage({ activeIstiod: true })
t.teardown(() => stage.stop())
const { kubectl } = stage

/** Runs a command in a shell in the project's folder. */
function type(command: string): string {
  const result = spawnSync('sh', ['-e', '-c', command], {
    cwd: projectFolder,
    encoding: 'utf8',
    timeout: 120_000,
    env: {
      ...process.env,
      IMAGE: 'registry.example.com/remora',
      KUBECONFIG: stage.plane.kubeconfig,
      PATH: `${dirname(stage.plane.binaries.kubectl)}:${process.env['PATH'] ?? ''}`,
      no_proxy: '127.0.0.1,localhost',
    },
  })
  if (result.status !== 0) throw new Error(`${command}\n${result.stdout}${result.stderr}`)
  return result.stdout
}

function tryPod(name: string): ReturnType<typeof kubectl.tryWith> {
  return kubectl.tryWith(JSON.stringify(barePod('shop', name)), 'create', '-o', 'json', '-f', '-')
}

const commands = readmeCommands()
const [install = '', test = '', activate = '', deactivate = '', roll = ''] = commands

t.test('the README has five commands, and before them the API server calls istiod', async (t) => {
  t.equal(commands.length, 5)
  kubectl.run('create', 'namespace', 'shop')
  kubectl.apply(deployment('shop', 'web', 2))
  kubectl.run('rollout', 'status', 'deployment', '-n', 'shop', '--timeout=60s')
  kubectl.run('label', 'namespace', 'shop', 'istio-injection=enabled')
  t.strictSame(controlPlanesOf(kubectl, 'shop'), ['no sidecar'])
  t.match(tryPod('early').stderr, /failed calling webhook .*istiod\.istio-system/s, 'istiod would be asked')
})

t.test(install, async (t) => {
  type(install)
  const image = kubectl.run(
    ...['get', 'deployment', 'remora', '-n', 'remora-system'],
    ...['-o', 'jsonpath={.spec.template.spec.containers[0].image} {.status.readyReplicas}'],
  )
  t.match(image, /^registry\.example\.com\/remora:\S+ 2$/)
  t.match(tryPod('before').stderr, /istiod\.istio-system/, 'nothing has changed for pods')
})

t.test(test, async (t) => {
  t.match(type(test), /Phase: +Succeeded/)
  t.match(stage.podLogs('remora-test'), /ok .*\/revisions\/default\/inject: a patch of/)
})

t.test(activate, async (t) => {
  type(activate)
  const webhooks = kubectl.run('get', 'mutatingwebhookconfiguration', 'remora-sidecar-injector', '-o', 'json')
  t.notMatch(webhooks, /never-match/)
})

t.test(deactivate, async (t) => {
  type(deactivate)
  const pod = tryPod('after')
  t.equal(pod.status, 0, pod.stderr)
  t.equal(controlPlaneOf(JSON.parse(pod.stdout)), 'istiod.istio-system.svc:15012')
})

t.test(roll, async (t) => {
  await untilRestarted(kubectl, 'shop', 'web', () => type(roll))
  t.strictSame(controlPlanesOf(kubectl, 'shop'), ['istiod.istio-system.svc:15012'])
})

t.test('a canary is activated with the same two steps', async (t) => {
  const values = '[{"name":"default","active":true},{"name":"canary","active":true}]'
  type(
    `helm upgrade remora charts/remora -n remora-system --reuse-values --set-json 'revisions=${values}' --wait`,
  )
  type(deactivate.replaceAll('istio-sidecar-injector', 'istio-sidecar-injector-canary'))
  kubectl.run('label', 'namespace', 'shop', 'istio-injection-', 'istio.io/rev=canary')
  await restart(kubectl, 'shop', 'web')
  t.strictSame(controlPlanesOf(kubectl, 'shop', 'app=web'), ['istiod-canary.istio-system.svc:15012'])
})
